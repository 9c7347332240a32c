using System.Text;

namespace Gateway.Ingress;

/// <summary>The replacement of nginx's <c>rewrite</c>: literal bytes and captured groups. It replaces the whole path.</summary>
internal sealed class RewriteTarget
{
    private readonly Segment[] _segments;

    private RewriteTarget(Segment[] segments) => _segments = segments;

    /// <summary>Compiles an annotation's value, such as <c>/$2</c>.</summary>
    /// <param name="value">The value.</param>
    /// <param name="pattern">The pattern whose groups it names; a number beyond them stands for nothing, as in nginx.</param>
    /// <exception cref="FormatException">It names something other than a captured group.</exception>
    public static RewriteTarget Compile(string value, PathPattern pattern)
    {
        var segments = new List<Segment>();
        var index = 0;
        while (index < value.Length)
        {
            if (value[index] != '$')
            {
                var end = value.IndexOf('$', index) is var next and >= 0 ? next : value.Length;
                segments.Add(new Segment(Encoding.UTF8.GetBytes(value[index..end]), 0));
                index = end;
                continue;
            }

            segments.Add(new Segment([], Group(value, ref index, pattern)));
        }

        return new RewriteTarget([.. segments.Where(segment => segment.Literal.Length > 0 || segment.Group > 0)]);
    }

    /// <summary>Length in bytes of the rewritten path.</summary>
    public int Length(in PathMatch match, int pathLength)
    {
        var length = 0;
        foreach (var segment in _segments)
        {
            length += segment.Group > 0 ? match[segment.Group].GetOffsetAndLength(pathLength).Length : segment.Literal.Length;
        }

        return length;
    }

    /// <summary>Writes the rewritten path.</summary>
    public void Write(ReadOnlySpan<byte> path, in PathMatch match, Span<byte> destination)
    {
        foreach (var segment in _segments)
        {
            var source = segment.Group > 0 ? path[match[segment.Group]] : segment.Literal;
            source.CopyTo(destination);
            destination = destination[source.Length..];
        }
    }

    private static int Group(string value, ref int index, PathPattern pattern)
    {
        var start = ++index;
        if (index < value.Length && value[index] is >= '1' and <= '9')
        {
            var number = value[index++] - '0';
            return number <= pattern.Groups ? number : 0;
        }

        while (index < value.Length && (char.IsAsciiLetterOrDigit(value[index]) || value[index] == '_'))
        {
            index++;
        }

        var name = value[start..index];
        var group = pattern.GroupNumber(name);
        return group is > 0 and <= PathMatch.MaxGroups
            ? group
            : throw new FormatException(name.Length == 0
                ? "a \"$\" must be followed by the number of a group, 1 to 9"
                : $"\"${name}\" is no captured group; nginx variables are not executed here");
    }

    private readonly record struct Segment(byte[] Literal, int Group);
}
