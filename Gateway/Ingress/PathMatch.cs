namespace Gateway.Ingress;

/// <summary>What a path pattern captured: the nine groups a rewrite can name, as ranges of the decoded path.</summary>
internal struct PathMatch
{
    /// <summary>Groups nginx can refer to, <c>$1</c> to <c>$9</c>.</summary>
    public const int MaxGroups = 9;

    private GroupRanges _groups;

    /// <summary>The range of a group, 1 to 9; empty for one that took no part in the match.</summary>
    public readonly Range this[int group] => _groups[group - 1];

    /// <summary>Sets the range of a group, 1 to 9.</summary>
    public void Set(int group, int start, int end) => _groups[group - 1] = start..end;

    [System.Runtime.CompilerServices.InlineArray(MaxGroups)]
    private struct GroupRanges
    {
        private Range _first;
    }
}
