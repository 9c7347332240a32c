using System.Globalization;

namespace Istio.Documents;

/// <summary>
/// Builds and splits field paths such as <c>spec.http[0].match[1].uri.prefix</c>. A key that is not a plain word is written in
/// brackets and quotes: <c>metadata.labels["app.kubernetes.io/name"]</c>.
/// </summary>
public static class FieldPath
{
    /// <summary>The path of member <paramref name="key"/> of the object at <paramref name="path"/> (empty for the document).</summary>
    public static string Member(string path, string key)
    {
        if (!IsWord(key))
        {
            return $"{path}[\"{key.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"]";
        }

        return path.Length == 0 ? key : $"{path}.{key}";
    }

    /// <summary>The path of an item of the list at <paramref name="path"/>; <paramref name="index"/> counts from 0.</summary>
    public static string Item(string path, int index) => string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]");

    /// <summary>Splits a path into its steps: a string for a member, an int for an item. A malformed rest is left out.</summary>
    internal static IEnumerable<object> Split(string path)
    {
        var position = 0;
        while (position < path.Length)
        {
            if (path[position] == '.')
            {
                position++;
            }
            else if (path[position] == '[')
            {
                if (ReadBracket(path, ref position) is not { } step)
                {
                    yield break;
                }

                yield return step;
            }
            else
            {
                var end = path.AsSpan(position).IndexOfAny('.', '[');
                end = end < 0 ? path.Length : position + end;
                yield return path[position..end];
                position = end;
            }
        }
    }

    private static object? ReadBracket(string path, ref int position)
    {
        if (position + 1 < path.Length && path[position + 1] == '"')
        {
            var key = new System.Text.StringBuilder();
            for (var i = position + 2; i < path.Length; i++)
            {
                if (path[i] == '\\' && i + 1 < path.Length)
                {
                    key.Append(path[++i]);
                }
                else if (path[i] == '"')
                {
                    position = Math.Min(i + 2, path.Length);
                    return key.ToString();
                }
                else
                {
                    key.Append(path[i]);
                }
            }

            return null;
        }

        var close = path.IndexOf(']', position);
        if (close < 0)
        {
            return null;
        }

        var text = path[(position + 1)..close];
        position = close + 1;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : text;
    }

    private static bool IsWord(string key)
    {
        foreach (var c in key)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-' or '/'))
            {
                return false;
            }
        }

        return key.Length > 0;
    }
}
