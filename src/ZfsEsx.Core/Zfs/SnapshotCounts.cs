namespace ZfsEsx.Zfs;

/// <summary>The snapshots of a file system, without a list of them.</summary>
/// <param name="Number">How many there are.</param>
/// <param name="Oldest">The first one's name behind the @.</param>
/// <param name="Newest">The last one's.</param>
internal sealed record SnapshotCount(long Number, string Oldest, string Newest);

/// <summary>
/// Takes a listing of snapshots (<c>zfs list -H -t snapshot -o name</c>, oldest first) line by line as it comes, and
/// keeps no
/// line: a listing of any length takes the same memory.
/// </summary>
internal sealed class SnapshotCounts
{
    private readonly Dictionary<string, Counter> _counters = new(StringComparer.Ordinal);
    private string _fileSystem = "";
    private Counter? _current;

    /// <summary>By file system.</summary>
    public IReadOnlyDictionary<string, SnapshotCount> Found => _counters.ToDictionary(
        c => c.Key, c => new SnapshotCount(c.Value.Number, c.Value.Oldest, c.Value.Newest));

    /// <summary>Takes a line. What is no snapshot's name is left out.</summary>
    public void Take(string line)
    {
        int at = line.IndexOf('@');
        if (at <= 0 || at == line.Length - 1)
        {
            return;
        }

        // The snapshots of a file system follow each other: its name is looked up once.
        if (_current is null || at != _fileSystem.Length || string.CompareOrdinal(line, 0, _fileSystem, 0, at) != 0)
        {
            _fileSystem = line.Substring(0, at);
            if (!_counters.TryGetValue(_fileSystem, out _current))
            {
                _counters[_fileSystem] = _current = new Counter { Oldest = line.Substring(at + 1) };
            }
        }

        _current.Number++;
        _current.Last = line;
    }

    private sealed class Counter
    {
        public long Number { get; set; }

        public string Oldest { get; init; } = "";

        public string Last { get; set; } = "";

        public string Newest => Last.Substring(Last.IndexOf('@') + 1);
    }
}
