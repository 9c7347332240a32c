namespace Istio.Re2;

/// <summary>What <c>(?ims-U)</c> switches.</summary>
[Flags]
internal enum PatternFlags
{
    None = 0,
    FoldCase = 1,
    MultiLine = 2,
    DotNewline = 4,
    NonGreedy = 8,
}

/// <summary>A condition on a position that consumes no text.</summary>
internal enum Assertion
{
    BeginText,
    EndText,
    BeginLine,
    EndLine,
    WordBoundary,
    NotWordBoundary,
}

/// <summary>The repetition operators. RE2 treats a count as an operator of its own even when it says the same as another.</summary>
internal enum RepeatOperator
{
    Star,
    Plus,
    Quest,
    Count,
}

/// <summary>A node of a parsed pattern. Nodes are immutable and know only their children.</summary>
internal abstract record Node
{
    /// <summary>Levels of nesting at and below this node.</summary>
    public virtual int Height => 1;

    /// <summary>The largest product of nested counts at and below this node.</summary>
    public virtual long Copies => 1;

    /// <summary>Whether the node can match without consuming text.</summary>
    public abstract bool IsNullable { get; }
}

/// <summary>Matches the empty string.</summary>
internal sealed record EmptyNode : Node
{
    public static readonly EmptyNode Instance = new();

    public override bool IsNullable => true;
}

/// <summary>Matches one given code point.</summary>
internal sealed record LiteralNode(int Rune) : Node
{
    public override bool IsNullable => false;
}

/// <summary>Matches one code point of a set; nothing at all if the set is empty.</summary>
internal sealed record SetNode(RuneSet Set) : Node
{
    public override bool IsNullable => false;
}

/// <summary>Matches a position.</summary>
internal sealed record AssertionNode(Assertion Assertion) : Node
{
    public override bool IsNullable => true;
}

/// <summary>Matches its children one after the other.</summary>
internal sealed record ConcatNode(Node[] Items) : Node
{
    public override int Height { get; } = 1 + Items.Max(item => item.Height);

    public override long Copies { get; } = Items.Max(item => item.Copies);

    public override bool IsNullable { get; } = Items.All(item => item.IsNullable);
}

/// <summary>Matches one of its children, earlier ones preferred.</summary>
internal sealed record AlternateNode(Node[] Branches) : Node
{
    public override int Height { get; } = 1 + Branches.Max(branch => branch.Height);

    public override long Copies { get; } = Branches.Max(branch => branch.Copies);

    public override bool IsNullable { get; } = Branches.Any(branch => branch.IsNullable);
}

/// <summary>A numbered group.</summary>
internal sealed record CaptureNode(int Index, Node Sub) : Node
{
    public override int Height { get; } = 1 + Sub.Height;

    public override long Copies => Sub.Copies;

    public override bool IsNullable => Sub.IsNullable;
}

/// <summary>A repetition.</summary>
/// <param name="Operator">How it was written; RE2 simplifies nested ones by that.</param>
/// <param name="Sub">What is repeated.</param>
/// <param name="Min">At least so often.</param>
/// <param name="Max">At most so often; -1 without limit.</param>
/// <param name="Flags">All flags in force, as RE2 compares them; a <c>?</c> has turned <see cref="PatternFlags.NonGreedy"/>.</param>
internal sealed record RepeatNode(RepeatOperator Operator, Node Sub, int Min, int Max, PatternFlags Flags) : Node
{
    public bool IsGreedy => (Flags & PatternFlags.NonGreedy) == 0;

    public override int Height { get; } = 1 + Sub.Height;

    public override long Copies { get; } =
        Operator == RepeatOperator.Count ? Sub.Copies * Math.Max(1, Max < 0 ? Min : Max) : Sub.Copies;

    public override bool IsNullable => Min == 0 || Sub.IsNullable;

    public static RepeatNode Of(RepeatOperator op, Node sub, PatternFlags flags) => op switch
    {
        RepeatOperator.Star => new(op, sub, 0, -1, flags),
        RepeatOperator.Plus => new(op, sub, 1, -1, flags),
        _ => new(RepeatOperator.Quest, sub, 0, 1, flags),
    };

    /// <summary>
    /// Makes <c>sub*</c>, <c>sub+</c> or <c>sub?</c>; two such operators in a row with the same flags are one, in RE2 too:
    /// equal ones stay, different ones make a star.
    /// </summary>
    public static RepeatNode Squash(RepeatOperator op, Node sub, PatternFlags flags) =>
        sub is RepeatNode { Operator: not RepeatOperator.Count } inner && inner.Flags == flags
            ? inner.Operator == op ? inner : Of(RepeatOperator.Star, inner.Sub, flags)
            : Of(op, sub, flags);
}
