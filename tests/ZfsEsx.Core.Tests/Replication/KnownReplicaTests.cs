using ZfsEsx.Replication;

namespace ZfsEsx.Core.Tests.Replication;

public class KnownReplicaTests
{
    [Fact]
    public void WhatIsBelowARootIsAReplica() => Assert.Equal(
        [
            new KnownReplica("uss1", "sp2/replica/uss1/nas", "nas"),
            new KnownReplica("uss1", "sp2/replica/uss1/nas/vol0", "nas/vol0"),
            new KnownReplica("uss10", "sp2/replica/uss10/nas", "nas"),
        ],
        KnownReplica.Parse(
        [
            "sp2\t-", "sp2/clones/uss1\t-", "sp2/replica\t-", "sp2/replica/uss1\tuss1", "sp2/replica/uss1/nas\tuss1",
            "sp2/replica/uss1/nas/vol0\tuss1", "sp2/replica/uss10\tuss10", "sp2/replica/uss10/nas\tuss10", "",
        ]));
}
