<#
.SYNOPSIS
    Builds, tests and packs the module. Needs the .NET SDK; Test runs the Pester tests where Pester is found.
.EXAMPLE
    ./build.ps1              # Build: out/ZfsEsx is the module, with help
.EXAMPLE
    ./build.ps1 Test
.EXAMPLE
    ./build.ps1 Pack         # out/ZfsEsx.<version>.zip
#>
[CmdletBinding()]
param(
    [ValidateSet('Build', 'Test', 'Pack')]
    [string] $Task = 'Build',

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Release'
)

$ErrorActionPreference = 'Stop'
$out = Join-Path $PSScriptRoot 'out'

function Invoke-Tool {
    $name, $arguments = $args
    & $name @arguments
    if ($LASTEXITCODE -ne 0) { throw "$name $arguments ended with $LASTEXITCODE." }
}

function Build {
    # Building the help project builds the cmdlets, writes the help and lays out/ZfsEsx out.
    $help = Join-Path $PSScriptRoot 'src/ZfsEsx.Help'
    Invoke-Tool dotnet build $help --configuration $Configuration --nologo
    Invoke-Tool dotnet exec "$help/bin/$Configuration/ZfsEsx.Help.dll" check "$out/ZfsEsx/bin/ZfsEsx.dll" "$PSScriptRoot/docs/en-US"
}

function Test {
    Invoke-Tool dotnet test $PSScriptRoot --nologo
    if (Get-Module -ListAvailable Pester | Where-Object Version -ge '5.0') {
        & (Join-Path $PSScriptRoot 'tests/pester/run.ps1')
    }
    else {
        Write-Warning 'Pester 5 is not installed: the tests in tests/pester were not run. Install-Module Pester'
    }
}

function Pack {
    $version = (Import-PowerShellDataFile "$out/ZfsEsx/ZfsEsx.psd1").ModuleVersion
    $archive = "$out/ZfsEsx.$version.zip"
    Remove-Item $archive -ErrorAction Ignore
    Add-Type -AssemblyName System.IO.Compression.FileSystem
    [IO.Compression.ZipFile]::CreateFromDirectory("$out/ZfsEsx", $archive, 'Optimal', $true)
    Get-Item $archive
}

Build
if ($Task -ne 'Build') { & $Task }
