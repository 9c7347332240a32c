using System.Buffers;
using Istio.Documents;

namespace Istio.Yaml;

/// <summary>
/// Reads a document of the plain kind of YAML that resources are written in: block mappings and lists, flow collections, text on one line,
/// literal blocks. It is many times faster than a full parser, and it gives up on anything else - anchors, tags, folded text, tabs, and
/// whatever is wrong - so that <see cref="YamlComposer"/>, which knows all of YAML and explains its faults, reads the document instead.
/// What both read they read alike, positions included; a test compares them.
/// </summary>
internal ref partial struct PlainYaml
{
    // Tabs, byte order marks, and the line breaks of YAML 1.1 besides LF and CR LF.
    private static readonly SearchValues<char> Unusual = SearchValues.Create("\t\ufeff\u0085\u2028\u2029");

    private readonly ReadOnlySpan<char> _text;
    private readonly long _nodesLeft;
    private int _position;
    private int _lineStart;
    private int _content = -1;
    private int _line;
    private int _depth;
    private long _nodes;
    private long _characters;
    private bool _failed;

    private PlainYaml(ReadOnlySpan<char> text, int firstLine, long nodesLeft)
    {
        _text = text;
        _line = firstLine;
        _nodesLeft = Math.Min(nodesLeft, ReaderLimits.MaxDocumentNodes);
    }

    /// <summary>Reads one document.</summary>
    /// <param name="text">From the document's first line, which may be <c>---</c>, to the line before the next document.</param>
    /// <param name="firstLine">The number of the first line, from 1.</param>
    /// <param name="nodesLeft">How many nodes the file may still have.</param>
    /// <param name="root">The document; null when it is empty.</param>
    /// <returns>False when the document needs a full parser.</returns>
    public static bool TryRead(ReadOnlySpan<char> text, int firstLine, long nodesLeft, out YamlNode? root)
    {
        root = null;
        if (text.ContainsAny(Unusual) || HasBareReturn(text))
        {
            return false;
        }

        var reader = new PlainYaml(text, firstLine, nodesLeft);
        root = reader.ReadDocument();
        return !reader._failed;
    }

    private static bool HasBareReturn(ReadOnlySpan<char> text)
    {
        for (var at = text.IndexOf('\r'); at >= 0;)
        {
            if (at + 1 >= text.Length || text[at + 1] != '\n')
            {
                return true;
            }

            var next = text[(at + 2)..].IndexOf('\r');
            at = next < 0 ? -1 : at + 2 + next;
        }

        return false;
    }

    private YamlNode? ReadDocument()
    {
        if (IsMarker("---"))
        {
            _position += 3;
            if (!SkipToLineEnd())
            {
                return Fail();
            }
        }

        if (!NextContent(out var indentation))
        {
            return null;
        }

        var root = Current is '{' or '['
            ? ReadFlowLine(-1)
            : ReadBlock(indentation);
        if (!_failed && (NextContent(out _) || root is YamlScalar))
        {
            return Fail();
        }

        return root;
    }

    private readonly char Current => _position < _text.Length ? _text[_position] : '\n';

    private readonly char Next => _position + 1 < _text.Length ? _text[_position + 1] : '\n';

    private readonly int Column => _position - _lineStart + 1;

    private readonly bool IsAtLineEnd => _position >= _text.Length || _text[_position] == '\n'
        || (_text[_position] == '\r' && Next == '\n');

    private YamlNode? Fail()
    {
        _failed = true;
        return null;
    }

    private readonly bool IsMarker(string marker) =>
        _text[_position..].StartsWith(marker, StringComparison.Ordinal)
        && (_position + marker.Length == _text.Length || _text[_position + marker.Length] is ' ' or '\n' or '\r');

    /// <summary>Steps over blanks and a comment to the end of the line; false when there is something else.</summary>
    private bool SkipToLineEnd()
    {
        while (Current == ' ')
        {
            _position++;
        }

        if (Current == '#' && (_position == _lineStart || _text[_position - 1] == ' '))
        {
            var end = _text[_position..].IndexOf('\n');
            _position = end < 0 ? _text.Length : _position + end;
        }

        return IsAtLineEnd;
    }

    /// <summary>Goes to the next line, past the line's end where the reader stands.</summary>
    private void EndLine()
    {
        if (Current == '\r')
        {
            _position++;
        }

        if (_position < _text.Length)
        {
            _position++;
        }

        _line++;
        _lineStart = _position;
    }

    /// <summary>Goes to the next line that has more than blanks and comments, if the reader is not on one; gives its indentation.</summary>
    private bool NextContent(out int indentation)
    {
        if (_content == _position && !_failed)
        {
            indentation = _position - _lineStart;
            return true;
        }

        while (true)
        {
            if (_position > _lineStart && !IsAtLineEnd)
            {
                // Something stands after a value that should have ended its line.
                Fail();
            }

            if (_failed || _position >= _text.Length)
            {
                indentation = -1;
                return false;
            }

            if (_position > _lineStart)
            {
                EndLine();
                continue;
            }

            var start = _position;
            while (Current == ' ')
            {
                _position++;
            }

            indentation = _position - start;
            if (Current == '#')
            {
                SkipToLineEnd();
            }

            if (!IsAtLineEnd)
            {
                if (indentation == 0 && (Current == '%' || IsMarker("...") || IsMarker("---")))
                {
                    Fail();
                }

                _content = _position;
                return !_failed;
            }

            if (_position >= _text.Length)
            {
                return false;
            }

            EndLine();
        }
    }

    /// <summary>A mapping or list that begins where the reader stands, in a column that counts from 0.</summary>
    private YamlNode? ReadBlock(int indentation)
    {
        if (++_depth > ReaderLimits.MaxDepth || !Count(1, 0))
        {
            return Fail();
        }

        var node = IsEntry() ? ReadSequence(indentation) : ReadMapping(indentation);
        _depth--;
        return node;
    }

    private readonly bool IsEntry() => Current == '-' && Next is ' ' or '\n' or '\r';

    private YamlNode? ReadSequence(int indentation)
    {
        var sequence = new YamlSequence(_line, Column);
        while (true)
        {
            var line = _line;
            _position++;
            var afterDash = (_line, Column);
            YamlNode? item;
            if (SkipToLineEnd())
            {
                item = NextContent(out var deeper) && deeper > indentation ? ReadBlockOrFlow(deeper) : Empty(afterDash);
                if (_failed)
                {
                    return null;
                }
            }
            else
            {
                // The item's column is the indentation of what it is: "- a: b" is a mapping, "- - a" a list.
                item = IsEntry() || IsKeyAhead() ? ReadBlock(_position - _lineStart) : ReadValue(indentation);
            }

            if (_failed || item is null)
            {
                return Fail();
            }

            sequence.Add(item);
            if (!NextContent(out var next) || next < indentation)
            {
                return _failed ? null : sequence;
            }

            if (next > indentation || _line == line)
            {
                return Fail();
            }

            if (!IsEntry())
            {
                // The parent's next key, when the list stands in its parent's column.
                return sequence;
            }
        }
    }

    private YamlNode? ReadMapping(int indentation)
    {
        var mapping = new YamlMapping(_line, Column);
        while (true)
        {
            var (line, column) = (_line, Column);
            if (IsEntry() || ReadKey() is not { } key || mapping.Find(key) is not null)
            {
                return Fail();
            }

            var afterColon = (_line, Column);
            YamlNode? value;
            if (SkipToLineEnd())
            {
                value = !NextContent(out var deeper) ? Empty(afterColon)
                    : deeper > indentation ? ReadBlockOrFlow(deeper)
                    : deeper == indentation && IsEntry() ? ReadBlock(deeper)
                    : Empty(afterColon);
            }
            else
            {
                value = ReadValue(indentation);
            }

            if (_failed || value is null)
            {
                return Fail();
            }

            mapping.Add(new YamlEntry(key, line, column, value));
            if (!NextContent(out var next) || next < indentation)
            {
                return _failed ? null : mapping;
            }

            if (next > indentation || _line == line)
            {
                return Fail();
            }
        }
    }

    /// <summary>A value on the lines below its key; text there is left to the full parser, for it may go on over lines.</summary>
    private YamlNode? ReadBlockOrFlow(int indentation) =>
        Current is '{' or '[' ? ReadFlowLine(indentation - 1)
        : IsEntry() || IsKeyAhead() ? ReadBlock(indentation)
        : Fail();

    /// <summary>A value on the line of its key or dash.</summary>
    private YamlNode? ReadValue(int indentation)
    {
        switch (Current)
        {
            case '{' or '[':
                return ReadFlowLine(indentation);
            case '|':
                return ReadLiteral(indentation);
            default:
                var scalar = ReadScalar(isFlow: false);
                return scalar is not null && SkipToLineEnd() && !GoesOn(indentation) ? scalar : Fail();
        }
    }

    /// <summary>A flow collection with nothing after it on its line.</summary>
    private YamlNode? ReadFlowLine(int indentation)
    {
        var node = ReadFlow(indentation);
        return node is not null && SkipToLineEnd() && !GoesOn(indentation) ? node : Fail();
    }

    /// <summary>True when the next line is indented as if it belonged to the text before: YAML joins such lines.</summary>
    private readonly bool GoesOn(int indentation)
    {
        // A copy looks ahead; the reader itself stays.
        var ahead = this;
        return ahead.NextContent(out var next) && next > indentation;
    }

    private YamlScalar? Empty((int Line, int Column) place) =>
        Count(1, 0) ? new YamlScalar(ScalarKind.Null, "null", "", place.Line, place.Column) : null;

    /// <summary>Counts as <see cref="YamlComposer"/> does; beyond a limit that one says which.</summary>
    private bool Count(int nodes, int characters)
    {
        _nodes += nodes;
        _characters += characters;
        _failed |= _nodes > _nodesLeft || _characters > ReaderLimits.MaxDocumentText || characters > ReaderLimits.MaxScalarLength;
        return !_failed;
    }
}
