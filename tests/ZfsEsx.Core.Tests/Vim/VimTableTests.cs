using ZfsEsx.Vim;

namespace ZfsEsx.Core.Tests.Vim;

public class VimTableTests
{
    [Theory]
    [InlineData("6.5", "6.5")]
    [InlineData("6.7.3", "6.7.3")]
    [InlineData("7.0.3.0", "7.0.3.0")]
    [InlineData("8.0.3.0", "8.0.3.0")]
    [InlineData("8.0.3.1", "8.0.3.0")]
    [InlineData("9.0.0.0", "8.0.3.0")]
    [InlineData("10.0", "8.0.3.0")]
    public void The_older_of_both_versions_is_spoken(string theirs, string spoken) =>
        Assert.Equal(spoken, ServiceVersion.Negotiate(theirs, "vc"));

    [Theory]
    [InlineData("6.0", "ServerTooOld")]
    [InlineData("5.5", "ServerTooOld")]
    [InlineData("", "NotVSphere")]
    [InlineData("dev", "NotVSphere")]
    public void What_cannot_be_spoken_to_is_refused(string theirs, string id) =>
        Assert.Equal(id, Assert.Throws<ZfsEsxException>(() => ServiceVersion.Negotiate(theirs, "vc")).Id);

    [Theory]
    [InlineData("HostSystem-host-10", "HostSystem", "host-10")]
    [InlineData("HostSystem-ha-host", "HostSystem", "ha-host")]
    [InlineData("VirtualMachine-12", "VirtualMachine", "12")]
    [InlineData("Datastore-10.0.0.11:/tank/a-b", "Datastore", "10.0.0.11:/tank/a-b")]
    public void Ids_split_at_the_first_hyphen(string id, string type, string value)
    {
        Assert.Equal(new MoRef(type, value), MoRef.Parse(id));
        Assert.Equal(id, MoRef.Parse(id).Id);
    }

    [Theory]
    [InlineData("vh1")]
    [InlineData("esx-01.example")]
    [InlineData("-x")]
    [InlineData("HostSystem-")]
    [InlineData("")]
    [InlineData(null)]
    public void Names_are_no_ids(string? text) => Assert.False(MoRef.TryParse(text, out _));

    [Theory]
    [InlineData("a/b\\c", "a%2fb%5cc")]
    [InlineData("100%", "100%25")]
    [InlineData("%2f", "%252f")]
    [InlineData("plain name", "plain name")]
    public void Names_are_kept_escaped(string name, string kept)
    {
        Assert.Equal(kept, VimName.Escape(name));
        Assert.Equal(name, VimName.Unescape(kept));
    }

    [Theory]
    [InlineData("vcenter", "https://vcenter/sdk", "vcenter")]
    [InlineData("10.0.0.1:8443", "https://10.0.0.1:8443/sdk", "10.0.0.1:8443")]
    [InlineData("https://vc.example/sdk", "https://vc.example/sdk", "vc.example")]
    public void Servers_are_taken_as_users_type_them(string text, string uri, string name)
    {
        VimServer server = VimServer.FromName(text);
        Assert.Equal((uri, name), (server.Uri.ToString(), server.Name));
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("ftp://vc")]
    public void What_is_no_server_is_refused(string text) =>
        Assert.Equal("InvalidServer", Assert.Throws<ZfsEsxException>(() => VimServer.FromName(text)).Id);

    [Theory]
    [InlineData("InvalidLogin", FailureKind.PermissionDenied)]
    [InlineData("NotAuthenticated", FailureKind.PermissionDenied)]
    [InlineData("NoPermission", FailureKind.PermissionDenied)]
    [InlineData("ResourceInUse", FailureKind.InUse)]
    [InlineData("AlreadyExists", FailureKind.AlreadyExists)]
    [InlineData("ManagedObjectNotFound", FailureKind.NotFound)]
    [InlineData("InvalidPowerState", FailureKind.InvalidState)]
    [InlineData("Timedout", FailureKind.Timeout)]
    [InlineData("InsufficientResourcesFault", FailureKind.LimitReached)]
    [InlineData("HostConfigFault", FailureKind.Failed)]
    public void Known_faults_have_a_kind_and_advice(string type, FailureKind kind)
    {
        ZfsEsxException failure = VimFaults.ToException(new VimFaultException(type, "words.", VimValue.None), "vh1",
            "Do it");
        Assert.Equal((type, kind), (failure.Id, failure.Kind));
        Assert.Equal("vh1: Do it failed: words (" + type + ").", failure.Message);
        Assert.NotNull(failure.Advice);
        Assert.True(failure.IsFault("Other", type));
    }

    [Fact]
    public void An_unknown_fault_keeps_its_type_and_words()
    {
        ZfsEsxException failure = VimFaults.ToException(new VimFaultException("BrandNew", " ", VimValue.None), "vc");
        Assert.Equal(("VimFault", "vc failed: BrandNew."), (failure.Id, failure.Message));
        Assert.Equal("BrandNew", Assert.IsType<VimFaultException>(failure.InnerException).FaultType);
    }
}
