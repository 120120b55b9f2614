using System.Globalization;
using System.Text;

namespace ZfsEsx;

/// <summary>
/// Reads what agent and fio report: objects become dictionaries, arrays lists, numbers stay text (GUIDs have 64 bits).
/// netstandard2.0 has no JSON reader and we take no packages along.
/// </summary>
internal sealed class JsonText
{
    private readonly string _text;
    private int _at;

    private JsonText(string text) => _text = text;

    /// <summary>The object in this text; null when it is none, or broken.</summary>
    public static IReadOnlyDictionary<string, object?>? Object(string text)
    {
        JsonText reader = new(text);
        try
        {
            object? value = reader.Value(0);
            reader.Space();
            return reader._at == text.Length ? value as IReadOnlyDictionary<string, object?> : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private object? Value(int depth)
    {
        Space();
        switch (depth > 16 ? '\0' : Peek())
        {
            case '{':
                return Members(depth);
            case '[':
                return Items(depth);
            case '"':
                return String();
            default:
                int from = _at;
                while (_at < _text.Length && ",]} \t\r\n".IndexOf(_text[_at]) < 0)
                {
                    _at++;
                }

                string word = _text.Substring(from, _at - from);
                return word switch
                {
                    "null" => null,
                    "true" => true,
                    "false" => false,
                    _ => decimal.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out _)
                        ? word
                        : throw new FormatException(),
                };
        }
    }

    private Dictionary<string, object?> Members(int depth)
    {
        Dictionary<string, object?> members = new(StringComparer.Ordinal);
        _at++;
        for (Space(); Peek() != '}'; Space())
        {
            Separator(members.Count);
            string name = String();
            Space();
            Take(':');
            members[name] = Value(depth + 1);
        }

        _at++;
        return members;
    }

    private List<object?> Items(int depth)
    {
        List<object?> items = [];
        _at++;
        for (Space(); Peek() != ']'; Space())
        {
            Separator(items.Count);
            items.Add(Value(depth + 1));
        }

        _at++;
        return items;
    }

    private void Separator(int count)
    {
        if (count > 0)
        {
            Take(',');
            Space();
        }
    }

    private string String()
    {
        Take('"');
        StringBuilder text = new();
        for (char c = Next(); c != '"'; c = Next())
        {
            if (c != '\\')
            {
                text.Append(c);
                continue;
            }

            c = Next();
            text.Append(c switch
            {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                'b' => '\b',
                'f' => '\f',
                'u' => Unicode(),
                '"' or '\\' or '/' => c,
                _ => throw new FormatException(),
            });
        }

        return text.ToString();
    }

    private char Unicode()
    {
        if (_at + 4 > _text.Length
            || !ushort.TryParse(
                _text.Substring(_at, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort code))
        {
            throw new FormatException();
        }

        _at += 4;
        return (char)code;
    }

    private void Take(char c)
    {
        if (Next() != c)
        {
            throw new FormatException();
        }
    }

    private char Next() => _at < _text.Length ? _text[_at++] : throw new FormatException();

    private char Peek() => _at < _text.Length ? _text[_at] : throw new FormatException();

    private void Space()
    {
        while (_at < _text.Length && _text[_at] is ' ' or '\t' or '\r' or '\n')
        {
            _at++;
        }
    }
}
