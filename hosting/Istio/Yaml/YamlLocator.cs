using System.Globalization;
using Istio.Documents;

namespace Istio.Yaml;

/// <summary>Finds the position of a field in a document.</summary>
internal static class YamlLocator
{
    /// <summary>Line and column of a path's last existing part: a member's key, or a list item.</summary>
    public static (int Line, int Column) Locate(YamlMapping root, string path)
    {
        var (line, column) = (root.Line, root.Column);
        YamlNode node = root;
        foreach (var step in FieldPath.Split(path))
        {
            var key = step as string ?? ((int)step).ToString(CultureInfo.InvariantCulture);
            if (node is YamlMapping mapping && mapping.Find(key) is { } entry)
            {
                (line, column, node) = (entry.Line, entry.Column, entry.Value);
            }
            else if (node is YamlSequence sequence && step is int index && index < sequence.Items.Count)
            {
                node = sequence.Items[index];
                (line, column) = (node.Line, node.Column);
            }
            else
            {
                break;
            }
        }

        return (line, column);
    }
}
