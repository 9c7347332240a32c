using System.Globalization;
using System.Text;
using Istio.Documents;

namespace Istio.Yaml;

/// <summary>Keys, scalars and flow collections.</summary>
internal ref partial struct PlainYaml
{
    // The longest key that YAML allows without a question mark before it is longer; no resource comes near.
    private const int MaxKeyLength = 512;

    /// <summary>True when the line has a key where the reader stands.</summary>
    private readonly bool IsKeyAhead()
    {
        var ahead = this;
        return ahead.ReadKey() is not null;
    }

    /// <summary>A key of a block mapping with its colon; null for anything else.</summary>
    private string? ReadKey()
    {
        var start = _position;
        var scalar = ReadScalar(isFlow: false);
        if (scalar is null || _position - start > MaxKeyLength)
        {
            return null;
        }

        while (Current == ' ')
        {
            _position++;
        }

        if (Current != ':' || Next is not (' ' or '\n' or '\r') || scalar.Kind == ScalarKind.Null || scalar.Source == "<<")
        {
            return null;
        }

        _position++;
        return scalar.Text;
    }

    /// <summary>A scalar on one line; null for what needs a full parser.</summary>
    private YamlScalar? ReadScalar(bool isFlow) => Current switch
    {
        '"' => ReadDoubleQuoted(),
        '\'' => ReadSingleQuoted(),
        ',' or '[' or ']' or '{' or '}' or '#' or '&' or '*' or '!' or '|' or '>' or '%' or '@' or '`' or '?' or ':' => null,
        '-' when Next is ' ' or '\n' or '\r' || (isFlow && Next is ',' or '[' or ']' or '{' or '}') => null,
        _ => ReadPlain(isFlow),
    };

    private YamlScalar? ReadPlain(bool isFlow)
    {
        var (start, column) = (_position, Column);
        var end = start;
        while (!IsAtLineEnd)
        {
            var c = Current;

            // "[::1, fe80::]" are two texts to the reader of kubectl and the API server, which YamlDotNet takes for a mapping
            // (sigs.k8s.io/yaml, goyaml.v2/scannerc.go: a colon ends plain text before a blank only).
            if (c == ':' && Next is ' ' or '\n' or '\r')
            {
                break;
            }

            if ((c == '#' && _position > start && _text[_position - 1] == ' ') || (isFlow && c is ',' or '[' or ']' or '{' or '}'))
            {
                break;
            }

            _position++;
            end = c == ' ' ? end : _position;
        }

        // Blanks before a comment, a colon or the line's end are no part of the text.
        _position = end;
        var source = _text[start..end].ToString();
        if (source.Length == 0)
        {
            return null;
        }

        var (kind, text) = ScalarResolver.Resolve(source);
        return (kind == ScalarKind.Float && text.Length == 0) || !Count(1, source.Length)
            ? null : new YamlScalar(kind, text, source, _line, column);
    }

    private YamlScalar? ReadSingleQuoted()
    {
        var (start, column) = (_position + 1, Column);
        for (var end = start; end < _text.Length && _text[end] is not ('\n' or '\r'); end++)
        {
            if (_text[end] != '\'')
            {
                continue;
            }

            if (end + 1 < _text.Length && _text[end + 1] == '\'')
            {
                end++;
                continue;
            }

            _position = end + 1;
            return Quoted(_text[start..end].ToString().Replace("''", "'", StringComparison.Ordinal), column);
        }

        return null;
    }

    private YamlScalar? ReadDoubleQuoted()
    {
        var column = Column;
        var rest = _text[(_position + 1)..];
        var end = rest.IndexOfAny("\"\\\n\r");
        if (end >= 0 && rest[end] == '"')
        {
            _position += end + 2;
            return Quoted(rest[..end].ToString(), column);
        }

        return ReadEscaped(column);
    }

    private YamlScalar? ReadEscaped(int column)
    {
        var text = new StringBuilder();
        for (var i = _position + 1; i < _text.Length; i++)
        {
            var c = _text[i];
            if (c == '"')
            {
                _position = i + 1;
                return Quoted(text.ToString(), column);
            }

            if (c is '\n' or '\r')
            {
                return null;
            }

            if (c != '\\')
            {
                text.Append(c);
                continue;
            }

            if (++i >= _text.Length || Unescape(ref i) is not { } escaped)
            {
                return null;
            }

            text.Append(escaped);
        }

        return null;
    }

    private readonly char? Unescape(ref int i)
    {
        switch (_text[i])
        {
            case '"' or '\\' or '/':
                return _text[i];
            case 'n':
                return '\n';
            case 't':
                return '\t';
            case 'r':
                return '\r';
            case 'u' when i + 4 < _text.Length
                && ushort.TryParse(_text.Slice(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
                && !char.IsSurrogate((char)code):
                i += 4;
                return (char)code;
            default:
                return null;
        }
    }

    private YamlScalar? Quoted(string text, int column) =>
        Count(1, text.Length) ? new YamlScalar(ScalarKind.String, text, text, _line, column) : null;

    /// <summary>A literal block: its lines as they stand, without their common indentation.</summary>
    private YamlScalar? ReadLiteral(int parent)
    {
        var (line, column) = (_line, Column);
        _position++;
        var keep = Current;
        if (keep is '+' or '-')
        {
            _position++;
        }

        if (!SkipToLineEnd())
        {
            return null;
        }

        EndLine();
        var text = new StringBuilder();
        var indentation = -1;
        var breaks = 0;
        for (; _position < _text.Length; EndLine())
        {
            var end = _text[_position..].IndexOf('\n');
            if (end < 0)
            {
                return null;
            }

            var content = _text.Slice(_position, end).TrimEnd('\r');
            var blanks = content.Length - content.TrimStart(' ').Length;
            if (blanks == content.Length && (indentation < 0 || blanks <= indentation))
            {
                if (indentation < 0 && blanks > 0)
                {
                    return null;
                }

                breaks++;
            }
            else
            {
                indentation = indentation < 0 ? blanks : indentation;
                if (blanks <= parent || blanks < indentation)
                {
                    break;
                }

                text.Append('\n', breaks).Append(content[indentation..]);
                breaks = 1;
            }

            _position += end - (end > 0 && _text[_position + end - 1] == '\r' ? 1 : 0);
        }

        if (indentation <= parent || (_position < _text.Length && !IsDedent(parent)))
        {
            return null;
        }

        text.Append('\n', keep == '-' ? 0 : keep == '+' ? breaks : 1);
        var value = text.ToString();
        return Count(1, value.Length) ? new YamlScalar(ScalarKind.String, value, value, line, column) : null;
    }

    /// <summary>After a block a line of its parent must come; one in between is a fault.</summary>
    private readonly bool IsDedent(int parent)
    {
        var ahead = this;
        return !ahead.NextContent(out var next) ? !ahead._failed : next <= Math.Max(parent, 0);
    }

    private YamlNode? ReadFlow(int parent)
    {
        if (++_depth > ReaderLimits.MaxDepth || !Count(1, 0))
        {
            return Fail();
        }

        var node = Current == '{' ? ReadFlowMapping(parent) : ReadFlowSequence(parent);
        _depth--;
        return node;
    }

    private YamlNode? ReadFlowSequence(int parent)
    {
        var sequence = new YamlSequence(_line, Column);
        _position++;
        while (SkipFlowBlanks(parent))
        {
            if (Current == ']')
            {
                _position++;
                return sequence;
            }

            if (ReadFlowItem(parent) is not { } item || !SkipFlowBlanks(parent))
            {
                return Fail();
            }

            sequence.Add(item);
            if (Current == ',')
            {
                _position++;
            }
            else if (Current != ']')
            {
                return Fail();
            }
        }

        return Fail();
    }

    private YamlNode? ReadFlowMapping(int parent)
    {
        var mapping = new YamlMapping(_line, Column);
        _position++;
        while (SkipFlowBlanks(parent))
        {
            if (Current == '}')
            {
                _position++;
                return mapping;
            }

            var (line, column) = (_line, Column);
            if (ReadScalar(isFlow: true) is not { Kind: not ScalarKind.Null } key || key.Source == "<<"
                || mapping.Find(key.Text) is not null
                || !SkipFlowBlanks(parent) || Current != ':' || line != _line || !(Next is ' ' or '\n' or '\r' || IsQuoted(column)))
            {
                return Fail();
            }

            _position++;
            if (!SkipFlowBlanks(parent) || Current is ',' or '}' || ReadFlowItem(parent) is not { } value || !SkipFlowBlanks(parent))
            {
                return Fail();
            }

            mapping.Add(new YamlEntry(key.Text, line, column, value));
            if (Current == ',')
            {
                _position++;
            }
            else if (Current != '}')
            {
                return Fail();
            }
        }

        return Fail();
    }

    /// <summary>After a quoted key, as in JSON, the value may follow its colon at once.</summary>
    private readonly bool IsQuoted(int column) => _text[_lineStart + column - 1] == '"';

    private YamlNode? ReadFlowItem(int parent)
    {
        if (Current is '{' or '[')
        {
            return ReadFlow(parent);
        }

        var scalar = ReadScalar(isFlow: true);
        var line = _line;

        // Text that goes on in the next line, and "a: b" as an item, are left to the full parser.
        return scalar is not null && SkipFlowBlanks(parent) && Current is ',' or ']' or '}' && (scalar!.Line == line) ? scalar : Fail();
    }

    /// <summary>Steps over blanks, comments and line ends within a flow collection; false at the end of the text.</summary>
    private bool SkipFlowBlanks(int parent)
    {
        while (true)
        {
            if (!SkipToLineEnd())
            {
                return Current != '#';
            }

            if (_position >= _text.Length)
            {
                return false;
            }

            EndLine();
            var start = _position;
            while (Current == ' ')
            {
                _position++;
            }

            // Lines of a flow collection are indented deeper than what it stands in.
            if (!IsAtLineEnd && _position - start <= parent)
            {
                return false;
            }
        }
    }
}
