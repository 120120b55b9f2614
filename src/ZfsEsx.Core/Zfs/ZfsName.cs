using System;

namespace ZfsEsx.Zfs;

/// <summary>The rules that names of pools, file systems and snapshots obey.</summary>
public static class ZfsName
{
    /// <summary>Accepts a pool's name or says what is wrong with it.</summary>
    /// <exception cref="ZfsEsxException"><c>InvalidPoolName</c>.</exception>
    public static string Pool(string name) => throw new NotImplementedException();

    /// <summary>Accepts the name of a file system or volume (<c>sp1/nas/vol0</c>; a pool's name too) or says what is wrong with it.</summary>
    /// <exception cref="ZfsEsxException"><c>InvalidDatasetName</c>.</exception>
    public static string Dataset(string name) => throw new NotImplementedException();

    /// <summary>Accepts a snapshot's full name (<c>sp1/nas/vol0@today</c>) or says what is wrong with it.</summary>
    /// <exception cref="ZfsEsxException"><c>InvalidSnapshotName</c>.</exception>
    public static string Snapshot(string name) => throw new NotImplementedException();

    /// <summary>The pool a dataset or snapshot is in.</summary>
    public static string PoolOf(string dataset) => dataset.Split('/', '@', '#')[0];
}
