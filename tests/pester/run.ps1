# Runs the tests in this folder in a PowerShell with Pester 5. The last line counts: "N passed, N failed, N skipped".
# -Name picks test files: -Name Esx, Module
param([string[]] $Name = '*', [string] $Output = 'Normal')
$ErrorActionPreference = 'Stop'
Import-Module Pester -MinimumVersion 5.0
$configuration = New-PesterConfiguration
$configuration.Run.Path = $Name -split ',' | ForEach-Object { Join-Path $PSScriptRoot "$($_.Trim()).Tests.ps1" } | Get-Item | ForEach-Object FullName
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = $Output
$result = Invoke-Pester -Configuration $configuration
if (-not $result) { throw 'Pester did not run.' }
$failed = $result.FailedCount + $result.FailedBlocksCount + $result.FailedContainersCount
"$($result.PassedCount) passed, $failed failed, $($result.SkippedCount + $result.NotRunCount) skipped"
exit [int]($failed -gt 0)
