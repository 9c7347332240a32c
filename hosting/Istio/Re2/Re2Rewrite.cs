using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Istio.Re2;

/// <summary>
/// The replacement of every match of a pattern, as Envoy's <c>RegexMatchAndSubstitute</c> does it for <c>uriRegexRewrite</c>
/// (<c>RE2::GlobalReplace</c>): matches do not overlap, and an empty match right after a match is skipped.
/// </summary>
public sealed class Re2Rewrite
{
    private const int BufferOnStack = 512;

    private readonly Re2Pattern _pattern;
    private readonly Part[] _parts;
    private readonly int _slots;

    private Re2Rewrite(Re2Pattern pattern, string substitution, Part[] parts)
    {
        _pattern = pattern;
        _parts = parts;
        _slots = 2 + (2 * parts.Max(part => (int?)part.Group) ?? 0);
        Substitution = substitution;
    }

    /// <summary>The pattern as it was written.</summary>
    public string Pattern => _pattern.Pattern;

    /// <summary>The substitution as it was written.</summary>
    public string Substitution { get; }

    /// <summary>Parses a pattern and what to put in place of its matches.</summary>
    /// <param name="pattern">A pattern in RE2's language.</param>
    /// <param name="substitution"><c>\1</c> to <c>\9</c> stand for groups, <c>\0</c> for the match, <c>\\</c> for a backslash.</param>
    /// <param name="result">The rewrite, or null.</param>
    /// <param name="error">Why there is no result; of code <see cref="Re2ErrorCode.BadRewrite"/> if the substitution is wrong.</param>
    public static bool TryParse(
        string pattern,
        string substitution,
        [NotNullWhen(true)] out Re2Rewrite? result,
        [NotNullWhen(false)] out Re2Error? error)
    {
        ArgumentNullException.ThrowIfNull(substitution);
        result = null;
        if (!Re2Pattern.TryParse(pattern, out var parsed, out error))
        {
            return false;
        }

        if (!TryParseParts(substitution, parsed.CaptureGroups, out var parts, out error))
        {
            return false;
        }

        result = new Re2Rewrite(parsed, substitution, parts);
        return true;
    }

    /// <summary>Replaces every match. Does not allocate.</summary>
    /// <param name="text">The text, in Envoy the path without its query.</param>
    /// <param name="destination">Receives the result; must not overlap <paramref name="text"/>.</param>
    /// <param name="charsWritten">How long the result is; 0 if it did not fit.</param>
    /// <returns>False if the result does not fit into the destination.</returns>
    public bool TryReplaceAll(ReadOnlySpan<char> text, Span<char> destination, out int charsWritten)
    {
        var output = new Output(destination);
        ReplaceAll(text, ref output);
        charsWritten = output.Overflows ? 0 : output.Length;
        return !output.Overflows;
    }

    /// <summary>Replaces every match. Returns the same instance if nothing changes, and allocates nothing else than its result.</summary>
    public string Replace(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        char[]? rented = null;
        var buffer = (stackalloc char[BufferOnStack]);
        int length;
        while (!TryReplaceAll(text, buffer, out length))
        {
            var size = Math.Max(text.Length, buffer.Length * 2);
            if (rented is not null)
            {
                ArrayPool<char>.Shared.Return(rented);
            }

            buffer = rented = ArrayPool<char>.Shared.Rent(size);
        }

        var result = buffer[..length].SequenceEqual(text) ? text : buffer[..length].ToString();
        if (rented is not null)
        {
            ArrayPool<char>.Shared.Return(rented);
        }

        return result;
    }

    private static bool TryParseParts(
        string substitution, int groups, [NotNullWhen(true)] out Part[]? parts, [NotNullWhen(false)] out Re2Error? error)
    {
        var list = new List<Part>();
        var literal = new StringBuilder();
        parts = null;
        error = null;
        for (var i = 0; i < substitution.Length; i++)
        {
            if (substitution[i] != '\\')
            {
                literal.Append(substitution[i]);
                continue;
            }

            var next = ++i < substitution.Length ? substitution[i] : '\0';
            if (next == '\\')
            {
                literal.Append('\\');
                continue;
            }

            var problem = i == substitution.Length ? "'\\' not allowed at end"
                : !char.IsAsciiDigit(next) ? "'\\' must be followed by a digit or '\\'"
                : next - '0' > groups ? $"\\{next} requested, but the regexp only has {groups} parenthesized subexpressions"
                : null;
            if (problem is not null)
            {
                error = new(Re2ErrorCode.BadRewrite, $"Rewrite schema error: {problem}", i - 1);
                return false;
            }

            list.Add(new(literal.ToString(), next - '0'));
            literal.Clear();
        }

        list.Add(new(literal.ToString(), null));
        parts = [.. list];
        return true;
    }

    private void ReplaceAll(ReadOnlySpan<char> text, ref Output output)
    {
        Span<int> captures = stackalloc int[_slots];
        var lastEnd = -1;
        var position = 0;
        while (position <= text.Length && _pattern.Search(text, position, captures))
        {
            var (start, end) = (captures[0], captures[1]);
            output.Append(text[position..start]);
            if (start == end && start == lastEnd)
            {
                // Nothing right after a match is no match of its own: copy a character and look on from there.
                var length = 1;
                if (start < text.Length)
                {
                    Program.RuneAt(text, start, out length);
                    output.Append(text.Slice(start, length));
                }

                position = start + length;
                continue;
            }

            foreach (var part in _parts)
            {
                output.Append(part.Literal);
                if (part.Group is { } group && captures[group * 2] is >= 0 and var from)
                {
                    output.Append(text[from..captures[(group * 2) + 1]]);
                }
            }

            position = lastEnd = end;
        }

        if (position < text.Length)
        {
            output.Append(text[position..]);
        }
    }

    /// <summary>Literal text and then a group; the last part has none.</summary>
    private readonly record struct Part(string Literal, int? Group);

    private ref struct Output(Span<char> destination)
    {
        private readonly Span<char> _destination = destination;

        public int Length { get; private set; }

        public bool Overflows { get; private set; }

        public void Append(ReadOnlySpan<char> text)
        {
            if (text.TryCopyTo(_destination[Length..]))
            {
                Length += text.Length;
            }
            else
            {
                Overflows = true;
            }
        }
    }
}
