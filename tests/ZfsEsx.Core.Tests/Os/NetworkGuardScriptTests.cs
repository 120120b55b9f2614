namespace ZfsEsx.Core.Tests.Os;

/// <summary>The guard of a change of addresses, in every shell that storage VMs have.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class NetworkGuardScriptTests
{
    private static readonly string s_guard = Resource.Text("guard.sh");

    [Theory]
    [InlineData("dash")]
    [InlineData("bash")]
    [InlineData("ksh93")]
    [InlineData("busybox")]
    public async Task What_hangs_is_ended_before_it_is_taken_back(string shell)
    {
        using SunSystem system = With(shell);
        // As a program that waits for something that does not come, and another that does not care for signals.
        system.Program("hang", "echo $$ >>\"$SUN/hangs\"; sleep 300; echo late >>\"$SUN/log\"");
        system.Program("stubborn", "trap '' TERM; echo $$ >>\"$SUN/hangs\"; sleep 300; echo late >>\"$SUN/log\"");
        const string Part = """
            save() { :; }
            apply() { stubborn & hang; echo "late step" >>"$SUN/log"; still || return; echo made >>"$SUN/log"; }
            restore() { echo restored >>"$SUN/log"; }

            """;
        (int code, string said) = await StartAsync(system, Part, "2");
        Assert.Equal((3, ""), (code, said));
        Assert.Equal("Nobody connected to confirm it within 2 s.\n", system.Errors);
        await BecomesAsync(() => !Directory.Exists(system.PathOf("run")));
        string[] hung = File.ReadAllLines(system.PathOf("hangs"));
        Assert.Equal(2, hung.Length);
        Assert.DoesNotContain(hung, Lives);
        Assert.Equal("restored\n", system.Log);
    }

    [Theory]
    [InlineData("dash")]
    [InlineData("bash")]
    [InlineData("ksh93")]
    [InlineData("busybox")]
    public async Task What_is_confirmed_stays_and_what_is_refused_is_said(string shell)
    {
        using SunSystem system = With(shell);
        const string Part = """
            save() { :; }
            apply() { echo "$nic $*" >>"$SUN/log"; [ "$1" != bad ] || { echo "no such thing" >&2; return 1; }; }
            restore() { echo restored >>"$SUN/log"; }
            keep() { shift; echo "keep $*" >>"$SUN/log"; }

            """;
        Assert.Equal((0, ""), await StartAsync(system, Part, "60", "10.98.0.0/16", "10.99.0.1"));
        Assert.Equal(
            (0, ""),
            await system.RunAsync(
                system.PathOf("sh"), Part + Resource.Text("guard-keep.sh"), system.PathOf("run"), "eth1", "x"));
        Assert.Equal("eth1 10.98.0.0/16 10.99.0.1\nkeep x\n", system.Log);
        Assert.Equal("kept\n", File.ReadAllText(system.PathOf("run.last")));
        Assert.False(Directory.Exists(system.PathOf("run")));

        Assert.Equal((1, ""), await StartAsync(system, Part, "60", "bad", "x"));
        Assert.Equal("The system refused it: no such thing\n", system.Errors);
        Assert.EndsWith("restored\n", system.Log, StringComparison.Ordinal);
    }

    private static Task<(int Code, string Output)> StartAsync(
        SunSystem system, string part, string seconds, params string[] routes) => system.RunAsync(
            system.PathOf("sh"), Resource.Text("guard-start.sh"),
            [
                system.PathOf("run"), part + s_guard, "text", seconds, "eth1", "x", "10.99.0.11/24", "255.255.255.0",
                "1500", "-", .. routes,
            ]);

    // With this shell as its sh; setsid is found.
    private static SunSystem With(string shell)
    {
        SunSystem system = new();
        File.CreateSymbolicLink(system.PathOf("sh"), SunSystem.Find(shell));
        return system;
    }

    // A zombie is one that nobody has asked for yet.
    private static bool Lives(string id)
    {
        try
        {
            return !File.ReadAllText($"/proc/{id}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static async Task BecomesAsync(Func<bool> so)
    {
        for (int i = 0; !so(); i++)
        {
            Assert.True(i < 300, "it should have ended");
            await Task.Delay(100);
        }
    }
}
