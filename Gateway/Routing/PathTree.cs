using Istio.Re2;

namespace Gateway.Routing;

/// <summary>
/// A compressed prefix tree over the fixed beginnings of paths, case folded. Each node knows, in order, which entries can match a
/// path that leaves the tree there, so that a lookup is one walk and gives a ready list.
/// </summary>
internal sealed class PathTree
{
    private readonly Node _root;

    /// <summary>Builds the tree.</summary>
    /// <param name="conditions">The conditions, in the order in which they are tried.</param>
    public PathTree(IReadOnlyList<PathCondition> conditions)
    {
        var entries = conditions.Select((condition, index) => new Entry(Fold(condition.LiteralPrefix), index, condition.IsWhole)).ToArray();
        _root = Build(entries, 0, []);
    }

    /// <summary>The indexes of the conditions that may hold for a path, in order.</summary>
    public ReadOnlySpan<int> Candidates(ReadOnlySpan<char> path)
    {
        var node = _root;
        var at = 0;
        while (at < path.Length && node.Child(Re2Pattern.Fold(path[at])) is { } child && child.IsOn(path[at..]))
        {
            at += child.Label.Length;
            node = child;
        }

        return at == path.Length ? node.AtEnd : node.Beyond;
    }

    private static string Fold(string text) => string.Create(text.Length, text, static (span, source) =>
    {
        for (var i = 0; i < span.Length; i++)
        {
            span[i] = Re2Pattern.Fold(source[i]);
        }
    });

    /// <summary>Builds the node below which all entries have their first characters in common.</summary>
    /// <param name="entries">The entries at this node and below.</param>
    /// <param name="depth">How many characters of the entries lead to this node.</param>
    /// <param name="inherited">Entries on the way here that a longer path matches too.</param>
    private static Node Build(Entry[] entries, int depth, int[] inherited)
    {
        var here = entries.Where(entry => entry.Text.Length == depth).ToArray();
        var prefixes = here.Where(entry => !entry.IsWhole).Select(entry => entry.Index).ToArray();
        var beyond = prefixes.Length == 0 ? inherited : Merge(inherited, prefixes);
        var whole = here.Where(entry => entry.IsWhole).Select(entry => entry.Index).ToArray();
        var children = entries.Where(entry => entry.Text.Length > depth).GroupBy(entry => entry.Text[depth])
            .Select(group => BuildChild([.. group], depth, beyond)).ToArray();
        return new Node(beyond, whole.Length == 0 ? beyond : Merge(beyond, whole), children);
    }

    private static Node BuildChild(Entry[] entries, int depth, int[] inherited)
    {
        var end = depth + 1;
        var shortest = entries.Min(entry => entry.Text.Length);
        while (end < shortest && entries.All(entry => entry.Text[end] == entries[0].Text[end]))
        {
            end++;
        }

        return Build(entries, end, inherited) with { Label = entries[0].Text[depth..end] };
    }

    private static int[] Merge(int[] left, int[] right) => [.. left.Concat(right).Order()];

    private readonly record struct Entry(string Text, int Index, bool IsWhole);

    private sealed record Node
    {
        private readonly char[] _first;
        private readonly Node[] _children;

        public Node(int[] beyond, int[] atEnd, Node[] children)
        {
            (Beyond, AtEnd, _children) = (beyond, atEnd, children);
            _first = [.. children.Select(child => child.Label[0])];
        }

        /// <summary>The characters between the parent and this node.</summary>
        public string Label { get; init; } = "";

        /// <summary>What may match a path that goes on behind this node.</summary>
        public int[] Beyond { get; }

        /// <summary>What may match a path that ends at this node.</summary>
        public int[] AtEnd { get; }

        public Node? Child(char first) => _first.AsSpan().IndexOf(first) is >= 0 and var index ? _children[index] : null;

        public bool IsOn(ReadOnlySpan<char> path)
        {
            // Most paths are written as the table is.
            if (path.StartsWith(Label, StringComparison.Ordinal))
            {
                return true;
            }

            if (path.Length < Label.Length)
            {
                return false;
            }

            for (var i = 0; i < Label.Length; i++)
            {
                if (Re2Pattern.Fold(path[i]) != Label[i])
                {
                    return false;
                }
            }

            return true;
        }
    }
}
