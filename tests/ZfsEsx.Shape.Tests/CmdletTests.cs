using System.Reflection;
using ZfsEsx.Help;

namespace ZfsEsx.Shape.Tests;

/// <summary>Holds every cmdlet to the conventions that users of PowerShell rely on.</summary>
public class CmdletTests
{
    private static readonly string[] s_changing =
    [
        "New", "Set", "Add", "Remove", "Enable", "Disable", "Start", "Stop", "Invoke", "Mount", "Dismount", "Update",
        "Complete", "Import", "Measure", "Undo"
    ];

    private static readonly string[] s_notChanging = ["Get", "Test", "Connect", "Disconnect"];

    private static readonly string[] s_nouns =
    [
        "ZfsEsxServer", "ZfsHost", "VmDirectPath", "EncapsulatedStorageVm", "EncapsulatedStorageNetwork",
        "ZfsHostNetwork", "ZfsHostName", "ZfsDisk", "EncapsulatedZpool", "ZfsNfsShare", "ZfsNfsDatastore",
        "ZfsReplicationTrust", "ZfsRingReplication", "ZfsReplicaClone", "ZfsReplicaFailover", "EncapsulatedHostService",
        "ZpoolScrub", "ZfsArc", "EncapsulatedStorage",
    ];

    private static readonly string[] s_reserved =
    [
        "Confirm", "Debug", "ErrorAction", "ErrorVariable", "InformationAction", "InformationVariable", "OutBuffer",
        "OutVariable", "PipelineVariable", "ProgressAction", "Verbose", "WarningAction", "WarningVariable", "WhatIf",
    ];

    public static TheoryData<string> All => Repository.CmdletNames;

    [Fact]
    public void There_are_cmdlets() => Assert.True(Repository.Cmdlets.Count >= 40, "Only " + Repository.Cmdlets.Count);

    [Theory, MemberData(nameof(All))]
    public void Verb_and_noun_are_ours(string name)
    {
        CmdletInfo cmdlet = Repository.Cmdlet(name);
        Assert.Contains(cmdlet.Verb, s_changing.Concat(s_notChanging));
        Assert.Contains(cmdlet.Noun, s_nouns);
    }

    [Theory, MemberData(nameof(All))]
    public void Class_and_file_are_called_after_it(string name)
    {
        CmdletInfo cmdlet = Repository.Cmdlet(name);
        Assert.Equal("ZfsEsx.Commands." + cmdlet.Verb + cmdlet.Noun + "Command", cmdlet.Type.FullName);
        Assert.True(cmdlet.Type.IsSealed, "sealed");
        Assert.True(File.Exists(Repository.At("src/ZfsEsx/Commands/" + cmdlet.Type.Name + ".cs")), "its own file");
    }

    [Theory, MemberData(nameof(All))]
    public void It_asks_if_and_only_if_it_changes_something(string name)
    {
        CmdletInfo cmdlet = Repository.Cmdlet(name);
        // Measuring storage writes to it; measuring replication reads what was written down.
        Assert.Equal(s_changing.Contains(cmdlet.Verb) && name != "Measure-ZfsRingReplication", cmdlet.ShouldProcess);
    }

    [Theory, MemberData(nameof(All))]
    public void What_takes_something_away_asks_by_itself(string name)
    {
        CmdletInfo cmdlet = Repository.Cmdlet(name);
        CustomAttributeData attribute =
            cmdlet.Type.CustomAttributes.Single(a => a.AttributeType.Name == "CmdletAttribute");
        int? impact = attribute.NamedArguments.Where(a => a.MemberName == "ConfirmImpact")
            .Select(a => a.TypedValue.Value as int?).FirstOrDefault();
        const int High = 3;
        Assert.Equal(cmdlet.Verb is "Remove" or "Stop" or "Dismount" or "Undo" ? High : null, impact);
    }

    [Theory, MemberData(nameof(All))]
    public void It_says_what_comes_out(string name)
    {
        CmdletInfo cmdlet = Repository.Cmdlet(name);
        Assert.NotEmpty(cmdlet.Outputs);
        Assert.All(
            cmdlet.Outputs, t => Assert.False(t.IsArray || t.Name is "String" or "Object" or "PSObject", t.Name));
    }

    [Theory, MemberData(nameof(All))]
    public void PassThru_is_where_output_is_not_expected(string name)
    {
        CmdletInfo cmdlet = Repository.Cmdlet(name);
        bool silent = cmdlet.Verb is "Set" or "Add" or "Remove" or "Enable" or "Disable" or "Start" or "Stop"
            or "Dismount" or "Update" or "Complete";
        // Its report, with the minutes lost, is what a failover is started for.
        silent &= cmdlet.Noun != "ZfsReplicaFailover";
        bool something = cmdlet.Outputs.Any(t => t.Name != "Void");
        Assert.Equal(silent && something, cmdlet.Parameters.Any(p => p.Name == "PassThru"));
    }

    [Theory, MemberData(nameof(All))]
    public void Parameters_are_singular_and_not_reserved(string name)
    {
        Assert.All(Repository.Cmdlet(name).Parameters, p =>
        {
            Assert.DoesNotContain(p.Name, s_reserved);
            Assert.False(p.Name.EndsWith('s') && !p.Name.EndsWith("ss", StringComparison.Ordinal), p.Name);
            Assert.True(char.IsUpper(p.Name[0]), p.Name);
            Assert.NotEqual("Boolean", p.TypeName);
        });
    }

    [Theory, MemberData(nameof(All))]
    public void Every_parameter_set_takes_pipeline_input(string name)
    {
        CmdletInfo cmdlet = Repository.Cmdlet(name);
        Assert.All(cmdlet.Sets, set =>
        {
            Binding[] bindings = [.. cmdlet.Parameters.Select(p => p.In(set)).OfType<Binding>()];
            Assert.Contains(bindings, b => b.FromPipeline || b.FromPropertyName);
            Assert.True(bindings.Count(b => b.FromPipeline) <= 1, "One at most takes the object itself.");
        });
    }

    [Theory, MemberData(nameof(All))]
    public void What_is_changed_is_named_by_the_user(string name)
    {
        CmdletInfo cmdlet = Repository.Cmdlet(name);
        Assert.All(cmdlet.Sets.Where(_ => cmdlet.ShouldProcess), set =>
        {
            Binding[] bindings = [.. cmdlet.Parameters.Select(p => p.In(set)).OfType<Binding>()];
            Assert.Contains(bindings, b => b.Mandatory && (b.FromPipeline || b.FromPropertyName));
        });
    }

    [Theory, MemberData(nameof(All))]
    public void Names_in_the_inventory_are_completed(string name) => Assert.All(
        Repository.Cmdlet(name).Type.GetProperties()
            .Where(p => Has(p, "VimTargetAttribute") || Has(p, "ZfsHostAttribute")),
        p => Assert.True(Has(p, "ArgumentCompleterAttribute"), p.Name));

    [Theory, MemberData(nameof(All))]
    public void Times_are_read_by_us(string name) => Assert.All(
        Repository.Cmdlet(name).Type.GetProperties().Where(p => Has(p, "ParameterAttribute")
            && (Nullable.GetUnderlyingType(p.PropertyType) ?? p.PropertyType).Name == nameof(TimeSpan)),
        p => Assert.True(Has(p, "ClockTimeAttribute"), p.Name));

    [Theory, MemberData(nameof(All))]
    public void Positions_are_used_once(string name)
    {
        CmdletInfo cmdlet = Repository.Cmdlet(name);
        Assert.All(cmdlet.Sets, set =>
        {
            int[] positions = [.. cmdlet.Parameters.Select(p => p.In(set)?.Position).OfType<int>()];
            Assert.Equal(positions.Distinct().Count(), positions.Length);
        });
    }

    [Theory, MemberData(nameof(All))]
    public void A_default_parameter_set_exists(string name)
    {
        CmdletInfo cmdlet = Repository.Cmdlet(name);
        Assert.Equal(cmdlet.Sets.Count > 1, cmdlet.DefaultSet is not null);
    }

    private static bool Has(PropertyInfo property, string attribute) =>
        property.CustomAttributes.Any(a => a.AttributeType.Name == attribute);
}
