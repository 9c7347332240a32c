namespace Gateway.AccessLogs.Filters;

/// <summary>The types of CEL that attributes of requests have.</summary>
internal enum CelType
{
    /// <summary>Something that is missing, or of the wrong type: the whole expression fails, unless the value does not matter.</summary>
    Error,
    Bool,
    Int,
    Double,
    String,
    Duration,
    Headers,
    List,
}

/// <summary>A value of an expression. A struct, so that evaluating costs no memory.</summary>
internal readonly record struct CelValue(CelType Type, long Number = 0, double Real = 0, object? Reference = null)
{
    /// <summary>A failure.</summary>
    public static CelValue Error => default;

    /// <summary>A truth value.</summary>
    public static CelValue Of(bool value) => new(CelType.Bool, value ? 1 : 0);

    /// <summary>A number.</summary>
    public static CelValue Of(long value) => new(CelType.Int, value);

    /// <summary>A number with a fraction.</summary>
    public static CelValue Of(double value) => new(CelType.Double, 0, value);

    /// <summary>Text; a failure for null.</summary>
    public static CelValue Of(string? value) => value is null ? Error : new(CelType.String, 0, 0, value);

    /// <summary>A length of time.</summary>
    public static CelValue Of(TimeSpan value) => new(CelType.Duration, value.Ticks);

    /// <summary>Headers; a failure for null.</summary>
    public static CelValue Of(IHeaderDictionary? value) => value is null ? Error : new(CelType.Headers, 0, 0, value);

    /// <summary>Whether it is true.</summary>
    public bool IsTrue => Type == CelType.Bool && Number != 0;

    /// <summary>Whether it is false.</summary>
    public bool IsFalse => Type == CelType.Bool && Number == 0;

    /// <summary>The text.</summary>
    public string Text => (string)Reference!;

    private bool IsNumber => Type is CelType.Int or CelType.Double;

    private double AsDouble => Type == CelType.Int ? Number : Real;

    /// <summary>Compares for order; null when the values cannot be compared.</summary>
    public static int? Compare(in CelValue left, in CelValue right)
    {
        if (left.IsNumber && right.IsNumber)
        {
            return left.Type == right.Type && left.Type == CelType.Int
                ? left.Number.CompareTo(right.Number)
                : left.AsDouble.CompareTo(right.AsDouble);
        }

        return left.Type != right.Type ? null : left.Type switch
        {
            CelType.String => string.CompareOrdinal(left.Text, right.Text),
            CelType.Bool or CelType.Duration => left.Number.CompareTo(right.Number),
            _ => null,
        };
    }
}
