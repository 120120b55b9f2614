# What the tests share: the built module, the simulator, and classes that look like PowerCLI's.
$script:Root = (Resolve-Path (Join-Path $PSScriptRoot '../..')).Path
$script:ModulePath = Join-Path $Root 'out/ZfsEsx/ZfsEsx.psd1'
if (-not (Test-Path $ModulePath)) {
    throw 'out/ZfsEsx is missing. Run: dotnet build src/ZfsEsx.Help'
}

Import-Module $ModulePath -Force

# Property names and forms of PowerCLI's classes, in namespaces like theirs; no VMware assembly is needed.
if (-not ('VMware.VimAutomation.ViCore.Impl.V1.VIServerImpl' -as [type])) {
    Add-Type -TypeDefinition @'
using System;
namespace VMware.Vim
{
    public class ManagedObjectReference { public string Type { get; set; } public string Value { get; set; } public override string ToString() => Type + "-" + Value; }
    public class VimClientImpl { public string ServiceUrl { get; set; } }
    public class HostSystem { public ManagedObjectReference MoRef { get; set; } public VimClientImpl Client { get; set; } }
}
namespace VMware.VimAutomation.ViCore.Impl.V1
{
    public class VIServerImpl
    {
        public string Name { get; set; } public Uri ServiceUri { get; set; } public string SessionSecret { get; set; }
        public string SessionId { get; set; } public string Uid { get; set; } public bool IsConnected { get; set; } public int Port { get; set; }
        public override string ToString() => Name;
    }
    public class InventoryItemImpl
    {
        public string Name { get; set; } public string Id { get; set; } public string Uid { get; set; }
        // PowerCLI reads the whole object when this is touched; a test asserts that it is not.
        public static int Touched; object _data;
        public object ExtensionData { get { Touched++; return _data; } set { _data = value; } }
        public override string ToString() => Name;
    }
    public class VMHostImpl : InventoryItemImpl { }
    public class VirtualMachineImpl : InventoryItemImpl { }
}
'@
}

function Get-EsxSim {
    # The simulator is built from tests/esxsim once per build output, with the system's Go alone.
    if ($env:ZFSESX_ESXSIM) { return $env:ZFSESX_ESXSIM }
    $program = Join-Path $Root 'out/esxsim/esxsim'
    $newest = Get-ChildItem (Join-Path $Root 'tests/esxsim') -Filter *.go | Sort-Object LastWriteTime | Select-Object -Last 1
    if (-not (Test-Path $program) -or (Get-Item $program).LastWriteTime -lt $newest.LastWriteTime) {
        if (-not (Get-Command go -ErrorAction Ignore)) { return $null }
        Push-Location (Join-Path $Root 'tests/esxsim')
        try {
            $env:GO111MODULE = 'off'; $env:GOPATH = '/usr/share/gocode'; $env:GOPROXY = 'off'
            New-Item -ItemType Directory -Force (Split-Path $program) | Out-Null
            go build -o $program . 2>&1 | Out-Host
        }
        finally { Pop-Location }
    }

    if (Test-Path $program) { $program }
}

function Start-EsxSim {
    # One simulator per test file: the lab's inventory of hosts vh1..vhN.
    param([string[]] $Argument = @())
    $folder = Join-Path ([IO.Path]::GetTempPath()) ('esxsim-' + [guid]::NewGuid().ToString('N'))
    New-Item -ItemType Directory $folder | Out-Null
    $all = @('-lab', '-reboot-time', '500ms', '-task-time', '50ms', '-env-file', "$folder/env") + $Argument
    $process = Start-Process (Get-EsxSim) -ArgumentList $all -PassThru -RedirectStandardError "$folder/log" -RedirectStandardOutput "$folder/out"
    $limit = [datetime]::UtcNow.AddSeconds(20)
    while (-not (Test-Path "$folder/env") -and [datetime]::UtcNow -lt $limit) { Start-Sleep -Milliseconds 50 }
    $values = @{}
    foreach ($line in Get-Content "$folder/env") { $name, $value = $line -split '=', 2; $values[$name] = $value }
    [pscustomobject]@{
        Process    = $process
        Folder     = $folder
        Url        = $values.GOVC_URL
        Base       = $values.GOVC_URL -replace '/sdk$'
        Server     = ([uri]$values.GOVC_URL).Authority
        Thumbprint = $values.VCSIM_THUMBPRINT_SHA256
        Credential = [pscredential]::new($values.GOVC_USERNAME, (ConvertTo-SecureString $values.GOVC_PASSWORD -AsPlainText -Force))
    }
}

function Stop-EsxSim {
    param($Simulator)
    if ($Simulator) {
        $Simulator.Process.Kill()
        $Simulator.Process.WaitForExit(5000) | Out-Null
        Remove-Item -Recurse -Force $Simulator.Folder
    }
}

function Connect-EsxSim {
    param($Simulator)
    Connect-ZfsEsxServer $Simulator.Server -Credential $Simulator.Credential -Thumbprint $Simulator.Thumbprint
}

function Reset-EsxSimCount { param($Simulator) Invoke-RestMethod -SkipCertificateCheck "$($Simulator.Base)/esxsim/reset" | Out-Null }

function Get-EsxSimCount { param($Simulator) Invoke-RestMethod -SkipCertificateCheck "$($Simulator.Base)/esxsim/stats" }

function New-VIServer {
    # A logged-in session as PowerCLI shows it.
    param($Simulator)
    $uri = [uri]$Simulator.Url
    $body = @"
<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><Login xmlns="urn:vim25"><_this type="SessionManager">SessionManager</_this>
<userName>$($Simulator.Credential.UserName)</userName><password>$($Simulator.Credential.GetNetworkCredential().Password)</password></Login></s:Body></s:Envelope>
"@
    $answer = Invoke-WebRequest -SkipCertificateCheck -Uri $uri -Method Post -ContentType 'text/xml' -Body $body
    $secret = ($answer.Headers['Set-Cookie'] -join ';') -replace '.*vmware_soap_session="?([^";]+).*', '$1'
    [VMware.VimAutomation.ViCore.Impl.V1.VIServerImpl]@{
        Name = $uri.Host; ServiceUri = $uri; SessionSecret = $secret; SessionId = $secret; Port = $uri.Port; IsConnected = $true
        Uid = "/VIServer=vsphere.local\administrator@$($uri.Host):$($uri.Port)/"
    }
}

function New-VMHostObject {
    # What Get-VMHost would return for a host that ZfsEsx has read.
    param([Parameter(ValueFromPipeline)] $Read, $VIServer)
    process {
        $type, $value = $Read.VMHostId -split '-', 2
        [VMware.VimAutomation.ViCore.Impl.V1.VMHostImpl]@{
            Name = $Read.VMHost; Id = $Read.VMHostId; Uid = "$($VIServer.Uid)VMHost=$($Read.VMHostId)/"
            ExtensionData = [VMware.Vim.HostSystem]@{
                MoRef = [VMware.Vim.ManagedObjectReference]@{ Type = $type; Value = $value }
                Client = [VMware.Vim.VimClientImpl]@{ ServiceUrl = $VIServer.ServiceUri }
            }
        }
    }
}

function Copy-AsRemote {
    # The object as it arrives from a remote session or a job: properties without methods.
    param([Parameter(ValueFromPipeline)] $InputObject)
    process { [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($InputObject)) }
}

if (-not ('RecordingHost' -as [type])) {
    # A console that keeps the warnings and lines written to it.
    Add-Type -TypeDefinition @'
using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;
public sealed class RecordingHost : PSHost
{
    readonly RecordingUI _ui = new RecordingUI();
    public ConcurrentQueue<string> Warnings => _ui.Warnings;
    public ConcurrentQueue<string> Lines => _ui.Lines;
    public override string Name => "Recording";
    public override Version Version => new Version(1, 0);
    public override Guid InstanceId { get; } = Guid.NewGuid();
    public override PSHostUserInterface UI => _ui;
    public override CultureInfo CurrentCulture => CultureInfo.InvariantCulture;
    public override CultureInfo CurrentUICulture => CultureInfo.InvariantCulture;
    public override void SetShouldExit(int exitCode) { }
    public override void EnterNestedPrompt() { }
    public override void ExitNestedPrompt() { }
    public override void NotifyBeginApplication() { }
    public override void NotifyEndApplication() { }
}
public sealed class RecordingUI : PSHostUserInterface
{
    public ConcurrentQueue<string> Warnings { get; } = new ConcurrentQueue<string>();
    public ConcurrentQueue<string> Lines { get; } = new ConcurrentQueue<string>();
    public override PSHostRawUserInterface RawUI => null;
    public override void WriteWarningLine(string message) => Warnings.Enqueue(message);
    public override void Write(string value) { }
    public override void Write(ConsoleColor a, ConsoleColor b, string value) { }
    public override void WriteLine(string value) => Lines.Enqueue(value);
    public override void WriteErrorLine(string value) { }
    public override void WriteDebugLine(string message) { }
    public override void WriteVerboseLine(string message) { }
    public override void WriteProgress(long sourceId, ProgressRecord record) { }
    public override string ReadLine() => throw new NotSupportedException();
    public override SecureString ReadLineAsSecureString() => throw new NotSupportedException();
    public override Dictionary<string, PSObject> Prompt(string c, string m, Collection<FieldDescription> d) => throw new NotSupportedException();
    public override PSCredential PromptForCredential(string c, string m, string u, string t) => throw new NotSupportedException();
    public override PSCredential PromptForCredential(string c, string m, string u, string t, PSCredentialTypes a, PSCredentialUIOptions o) => throw new NotSupportedException();
    public override int PromptForChoice(string c, string m, Collection<ChoiceDescription> l, int d) => throw new NotSupportedException();
}
'@
}

function New-RecordedShell {
    # Commands in a session of their own with a console that is recorded, connected to the simulator.
    param($Simulator, [string] $Command)
    $console = [RecordingHost]::new()
    $shell = [powershell]::Create()
    $shell.Runspace = [runspacefactory]::CreateRunspace($console)
    $shell.Runspace.Open()
    $null = $shell.AddScript({
        param($module, $server, $credential, $command)
        Import-Module $module
        Connect-ZfsEsxServer $server -Credential $credential -SkipCertificateCheck -WarningAction SilentlyContinue | Out-Null
        & ([scriptblock]::Create($command))
    }).AddArgument($ModulePath).AddArgument($Simulator.Server).AddArgument($Simulator.Credential).AddArgument($Command)
    [pscustomobject]@{ Shell = $shell; Console = $console }
}

function Get-WhatIfSentence {
    # What commands say that they would do.
    param($Simulator, [string] $Command)
    $session = New-RecordedShell $Simulator $Command
    try {
        $null = $session.Shell.Invoke()
        if ($session.Shell.HadErrors) { throw $session.Shell.Streams.Error[0] }
        $session.Console.Lines | Where-Object { $_ -like 'What if: *' } | ForEach-Object { $_ -replace '^What if: ' }
    }
    finally { $session.Shell.Runspace.Dispose(); $session.Shell.Dispose() }
}

function Stop-InTheMiddle {
    # Runs commands and presses Ctrl+C once -When is true.
    param($Simulator, [string] $Command, [scriptblock] $When)
    $session = New-RecordedShell $Simulator $Command
    try {
        $run = $session.Shell.BeginInvoke()
        $limit = [datetime]::UtcNow.AddSeconds(60)
        while (-not (& $When) -and -not $run.IsCompleted -and [datetime]::UtcNow -lt $limit) { Start-Sleep -Milliseconds 50 }
        $ended = $run.IsCompleted
        $took = Measure-Command { $session.Shell.Stop() }
        [pscustomobject]@{
            EndedBefore = $ended; Milliseconds = $took.TotalMilliseconds; Said = $session.Console.Warnings.ToArray()
            Errors = @($session.Shell.Streams.Error)
        }
    }
    finally { $session.Shell.Runspace.Dispose(); $session.Shell.Dispose() }
}

function Copy-AsJson {
    # The object as it comes back from a file or a web service.
    param([Parameter(ValueFromPipeline)] $InputObject)
    process { $InputObject | ConvertTo-Json -Depth 3 | ConvertFrom-Json }
}

function Get-WhatIf {
    # What a command says with -WhatIf, as "target: action", in alphabetical order: the order in which hosts work is not fixed.
    param([scriptblock] $Command)
    $file = Join-Path ([IO.Path]::GetTempPath()) ('whatif-' + [guid]::NewGuid().ToString('N'))
    Start-Transcript $file -UseMinimalHeader | Out-Null
    try { & $Command | Out-Null } finally { Stop-Transcript | Out-Null }
    Get-Content $file | Where-Object { $_ -match '^What if: Performing the operation "(.+)" on target "(.+)"\.$' } |
        ForEach-Object { $Matches[2] + ': ' + $Matches[1] } | Sort-Object
    Remove-Item $file
}

function Get-Done {
    # What a command really does, in the same form: it says so with -Verbose.
    param([scriptblock] $Command)
    & $Command 4>&1 | Where-Object { $_ -is [System.Management.Automation.VerboseRecord] } | ForEach-Object Message |
        Where-Object { $_ -match '^vh\d+: ' } | Sort-Object
}
