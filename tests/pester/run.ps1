# Runs the tests in this folder in a PowerShell with Pester 5. The last line counts: "N passed, N failed, N skipped".
param([string[]] $Path = @($PSScriptRoot), [string] $Output = 'Normal')
$ErrorActionPreference = 'Stop'
Import-Module Pester -MinimumVersion 5.0
$configuration = New-PesterConfiguration
$configuration.Run.Path = $Path
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = $Output
$result = Invoke-Pester -Configuration $configuration
$failed = $result.FailedCount + $result.FailedBlocksCount + $result.FailedContainersCount
"$($result.PassedCount) passed, $failed failed, $($result.SkippedCount + $result.NotRunCount) skipped"
exit [int]($failed -gt 0)
