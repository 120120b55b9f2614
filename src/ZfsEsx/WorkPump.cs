namespace ZfsEsx;

/// <summary>
/// Carries what work says on its threads to the pipeline thread. Progress is thinned out to one update of an activity
/// in <see cref="Interval"/>: the progress bar is slow (PowerShell#2138). What is said after the end is dropped.
/// </summary>
internal sealed class WorkPump(IStreams streams, Func<TimeSpan> clock) : IReporter
{
    /// <summary>Four updates of one activity per second at most.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly object _lock = new();
    private readonly Queue<Action<IStreams>> _lines = new();
    private readonly Dictionary<string, Activity> _activities = new(StringComparer.Ordinal);
    private int _lastId;
    private bool _ended;

    public void Verbose(string message) => Post(s => s.Verbose(message));

    public void Warning(string message) => Post(s => s.Warning(message));

    public void Progress(string activity, string status, int? percent = null)
    {
        lock (_lock)
        {
            if (_ended)
            {
                return;
            }

            if (!_activities.TryGetValue(activity, out Activity? state))
            {
                state = new Activity(++_lastId, activity, clock() - Interval);
                _activities.Add(activity, state);
            }

            state.Status = status;
            state.Percent = percent is int p ? Math.Max(0, Math.Min(100, p)) : null;
            state.Pending = true;
            Monitor.Pulse(_lock);
        }
    }

    public void Completed(string activity)
    {
        lock (_lock)
        {
            if (!_ended && _activities.TryGetValue(activity, out Activity? state))
            {
                _activities.Remove(activity);
                Post(s => s.Completed(state.Id, activity));
            }
        }
    }

    /// <summary>The work has ended: <see cref="Drain"/> writes what is left and returns.</summary>
    internal void End()
    {
        lock (_lock)
        {
            _ended = true;
            Monitor.Pulse(_lock);
        }
    }

    /// <summary>Writes what is said until <see cref="End"/>. Only the pipeline thread may call it.</summary>
    internal void Drain()
    {
        List<Action<IStreams>> batch = [];
        bool ended = false;
        while (!ended)
        {
            lock (_lock)
            {
                ended = TakeInto(batch);
            }

            foreach (Action<IStreams> write in batch)
            {
                write(streams);
            }

            batch.Clear();
        }

        foreach (Activity activity in _activities.Values)
        {
            streams.Completed(activity.Id, activity.Name);
        }
    }

    private bool TakeInto(List<Action<IStreams>> batch)
    {
        while (true)
        {
            batch.AddRange(_lines);
            _lines.Clear();
            TimeSpan now = clock();
            foreach (Activity due in _activities.Values.Where(a => a.Pending && now - a.Written >= Interval))
            {
                due.Pending = false;
                due.Written = now;
                (int id, string name, string status, int? percent) = (due.Id, due.Name, due.Status, due.Percent);
                batch.Add(s => s.Progress(id, name, status, percent));
            }

            if (_ended || batch.Count > 0)
            {
                return _ended;
            }

            if (_activities.Values.Any(a => a.Pending))
            {
                Monitor.Wait(_lock, Interval);
            }
            else
            {
                Monitor.Wait(_lock);
            }
        }
    }

    private void Post(Action<IStreams> line)
    {
        lock (_lock)
        {
            if (!_ended)
            {
                _lines.Enqueue(line);
                Monitor.Pulse(_lock);
            }
        }
    }

    private sealed class Activity(int id, string name, TimeSpan written)
    {
        public int Id { get; } = id;

        public string Name { get; } = name;

        public string Status { get; set; } = "";

        public int? Percent { get; set; }

        public bool Pending { get; set; }

        public TimeSpan Written { get; set; } = written;
    }
}
