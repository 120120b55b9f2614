BeforeAll { . $PSScriptRoot/common.ps1 }

Describe 'Module' {
    It 'exports exactly what its manifest says' {
        $manifest = Import-PowerShellDataFile $ModulePath
        (Get-Command -Module ZfsEsx).Name | Sort-Object | Should -Be ($manifest.CmdletsToExport | Sort-Object)
        Test-ModuleManifest $ModulePath | Should -Not -BeNullOrEmpty
    }

    It 'loads within 700 ms in a new process' {
        $best = 1..3 | ForEach-Object {
            [int](& ([Diagnostics.Process]::GetCurrentProcess().MainModule.FileName) -NoProfile -Command "(Measure-Command { Import-Module '$ModulePath' }).TotalMilliseconds")
        } | Sort-Object | Select-Object -First 1
        $best | Should -BeLessThan 700
    }

    It 'loads no assembly but its own two' {
        $ours = [AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { $_.Location -and $_.Location.StartsWith((Split-Path $ModulePath)) }
        $ours.GetName().Name | Sort-Object -Unique | Should -Be 'ZfsEsx', 'ZfsEsx.Core'
    }

    It 'has help for <_>' -ForEach ((Import-PowerShellDataFile (Join-Path $PSScriptRoot '../../ZfsEsx.psd1')).CmdletsToExport) {
        $help = Get-Help $_ -Full
        $help.Synopsis | Should -Not -Match "^\s*$_"
        $help.Description.Text | Should -Not -BeNullOrEmpty
        $help.Examples.Example.Count | Should -BeGreaterThan 0
        foreach ($parameter in $help.Parameters.Parameter) { $parameter.Description.Text | Should -Not -BeNullOrEmpty -Because $parameter.Name }
    }

    It 'has a topic about itself' { Get-Help about_ZfsEsx | Out-String | Should -Match 'ring' }

    It 'takes <Text> as a size' -ForEach @(@{ Text = '256GB' }, @{ Text = 1GB }, @{ Text = '1.5 TB' }) {
        # Binding is what is tested: there is no server, and that is the only complaint.
        'vh1' | New-EncapsulatedStorageVm -Name x -Template t -DataDisk $Text -Memory $Text -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'NoServer,*'
    }

    It 'refuses what is no size' {
        { New-EncapsulatedStorageVm -VMHost vh1 -Name x -Template t -DataDisk 'a lot' } | Should -Throw -ExpectedMessage '*not a size*'
    }

    It 'refuses what is no time, and says what is: <Command> <With.Values>' -ForEach @(
        @{ Command = 'Set-ZpoolScrub'; With = @{ Name = 'sp1'; At = '25:00' }; Says = "'25:00' is not a time of the day*23:59, as in 03:00*" }
        @{ Command = 'Set-ZpoolScrub'; With = @{ Name = 'sp1'; DayOfWeek = 'Sunday'; At = 3 }; Says = "'3' is not a time of the day*" }
        @{ Command = 'Start-ZfsRingReplication'; With = @{ DailyAt = '24:00' }; Says = "'24:00' is not a time of the day*" }
        @{ Command = 'Set-ZfsRingReplication'; With = @{ Every = 15 }; Says = "'15' is not a length of time*00:15*" }
        @{ Command = 'Start-ZfsRingReplication'; With = @{ RecoveryPointObjective = 'soon' }; Says = "'soon' is not a length of time*" }
    ) {
        { [pscustomobject]@{ ZfsHost = 'uss9' } | & $Command @With -WhatIf } | Should -Throw -ExpectedMessage "*$Says"
    }

    It 'says which storage VM is not connected' {
        { Get-ZfsDisk uss9 } | Should -Throw -ExpectedMessage "*'uss9'*Connect-ZfsHost*"
        'uss9' | Get-ZfsDisk -ErrorVariable failure -ErrorAction SilentlyContinue
        "$($failure[0])" | Should -Match "'uss9'"
    }
}
