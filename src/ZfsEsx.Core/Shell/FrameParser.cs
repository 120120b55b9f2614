using System.Text;

namespace ZfsEsx.Shell;

/// <summary>
/// Takes the answer of one command out of a stream of bytes: what stands between <c>mark&lt;</c> and
/// <c>mark&gt;code;</c>.
/// Everything else (a login script's greeting, what a process left behind still prints) is noise; its end is kept for
/// messages.
/// </summary>
internal sealed class FrameParser
{
    private const int NoiseKept = 8 * 1024;
    private readonly object _lock = new();
    private byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;
    private int _scanned;
    private byte[]? _mark;
    private bool _open;
    private Action<string>? _line;
    private TaskCompletionSource<(int Code, string Text)>? _frame;
    private Exception? _failure;

    /// <summary>The last bytes outside of frames.</summary>
    public string Noise
    {
        get
        {
            lock (_lock)
            {
                return Encoding.UTF8.GetString(_buffer, _start, _end - _start);
            }
        }
    }

    /// <summary>
    /// Waits for the frame with this mark. Lines go to <paramref name="line"/> as they come, if given.
    /// </summary>
    public Task<(int Code, string Text)> ExpectAsync(byte[] mark, Action<string>? line)
    {
        lock (_lock)
        {
            // Completions run elsewhere: nothing of the caller's runs under the lock.
            _frame = new TaskCompletionSource<(int, string)>(TaskCreationOptions.RunContinuationsAsynchronously);
            _mark = mark;
            _line = line;
            _open = false;
            _scanned = _start;
            if (_failure is not null)
            {
                _frame.SetException(_failure);
            }

            return _frame.Task;
        }
    }

    /// <summary>Adds bytes that arrived.</summary>
    public void Feed(byte[] data, int count)
    {
        List<string> lines = [];
        Action<string>? line;
        TaskCompletionSource<(int, string)>? ended = null;
        (int Code, string Text) result = default;
        lock (_lock)
        {
            line = _line;
            Append(data, count);
            if (_frame is not null && Scan(lines, out result))
            {
                ended = _frame;
                _frame = null;
                _mark = null;
                _line = null;
            }
        }

        foreach (string l in lines)
        {
            line?.Invoke(l);
        }

        ended?.TrySetResult(result);
    }

    /// <summary>The stream has ended: the frame under way, and every later one, fails.</summary>
    public void Fail(Exception failure)
    {
        lock (_lock)
        {
            _failure ??= failure;
            _frame?.TrySetException(_failure);
            _frame = null;
        }
    }

    private void Append(byte[] data, int count)
    {
        if (!_open)
        {
            int keep = Math.Min(_end - _start, NoiseKept);
            Drop(_end - keep);
        }

        if (_end + count > _buffer.Length)
        {
            int used = _end - _start;
            byte[] target = used + count > _buffer.Length
                ? new byte[Math.Max(checked(_buffer.Length * 2), used + count)]
                : _buffer;
            Buffer.BlockCopy(_buffer, _start, target, 0, used);
            _scanned -= _start;
            _start = 0;
            _end = used;
            _buffer = target;
        }

        Buffer.BlockCopy(data, 0, _buffer, _end, count);
        _end += count;
    }

    private void Drop(int start)
    {
        _start = start;
        _scanned = Math.Max(_scanned, start);
    }

    private bool Scan(List<string> lines, out (int Code, string Text) result)
    {
        result = default;
        while (true)
        {
            int at = Find(_scanned);
            if (at < 0)
            {
                // A mark may be half here: look at its possible beginning again next time.
                int tail = Math.Max(_scanned, Math.Max(_start, _end - _mark!.Length));
                int half = Array.IndexOf(_buffer, _mark[0], tail, _end - tail);
                _scanned = half < 0 ? _end : half;
                TakeLines(_scanned, lines);
                return false;
            }

            int kind = at + _mark!.Length;
            if (!_open && _buffer[kind] == '<')
            {
                _open = true;
                Drop(kind + 1);
                continue;
            }

            if (_open && _buffer[kind] == '>')
            {
                int stop = Array.IndexOf(_buffer, (byte)';', kind, _end - kind);
                if (stop < 0)
                {
                    _scanned = at;
                    TakeLines(at, lines);
                    return false;
                }

                TakeLines(at, lines);
                if (_line is not null && at > _start)
                {
                    lines.Add(Encoding.UTF8.GetString(_buffer, _start, at - _start));
                    _start = at;
                }

                string text = Encoding.UTF8.GetString(_buffer, _start, at - _start);
                result = (Code(Encoding.ASCII.GetString(_buffer, kind + 1, stop - kind - 1)), text);
                _open = false;
                _start = stop + 1;
                _scanned = _start;
                Shrink();
                return true;
            }

            _scanned = at + 1;
        }
    }

    // ksh93 says 256 + n for a command ended by signal n, the others 128 + n.
    private static int Code(string digits) =>
        int.TryParse(digits, out int code) ? (code > 256 ? code - 128 : code) : 255;

    private int Find(int from)
    {
        byte[] mark = _mark!;
        int last = _end - mark.Length - 1;
        for (int i = from; i <= last; i++)
        {
            i = Array.IndexOf(_buffer, mark[0], i, last - i + 1);
            if (i < 0)
            {
                return -1;
            }

            int j = 1;
            while (j < mark.Length && _buffer[i + j] == mark[j])
            {
                j++;
            }

            if (j == mark.Length)
            {
                return i;
            }
        }

        return -1;
    }

    private void TakeLines(int limit, List<string> lines)
    {
        if (!_open || _line is null)
        {
            return;
        }

        int newline;
        while (limit > _start && (newline = Array.IndexOf(_buffer, (byte)'\n', _start, limit - _start)) >= 0)
        {
            lines.Add(Encoding.UTF8.GetString(_buffer, _start, newline - _start).TrimEnd('\r'));
            Drop(newline + 1);
        }
    }

    private void Shrink()
    {
        if (_buffer.Length > 1024 * 1024)
        {
            byte[] small = new byte[Math.Max(64 * 1024, _end - _start)];
            Buffer.BlockCopy(_buffer, _start, small, 0, _end - _start);
            _end -= _start;
            _start = 0;
            _scanned = 0;
            _buffer = small;
        }
    }
}
