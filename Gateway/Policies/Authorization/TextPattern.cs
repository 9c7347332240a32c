namespace Gateway.Policies.Authorization;

/// <summary>A value of a policy: text, <c>prefix*</c>, <c>*suffix</c>, or <c>*</c>.</summary>
/// <remarks>Istio pilot/pkg/security/authz/matcher/string.go and header.go</remarks>
internal sealed class TextPattern
{
    private readonly string _text;
    private readonly Kind _kind;
    private readonly StringComparison _comparison;

    private TextPattern(string text, Kind kind, StringComparison comparison) => (_text, _kind, _comparison) = (text, kind, comparison);

    private enum Kind
    {
        Exact,
        Prefix,
        Suffix,
        NotEmpty,
        Any,
    }

    /// <summary>A pattern for a value that is always there, such as a path: <c>*</c> stands for any text but the empty one.</summary>
    public static TextPattern Of(string value) => Parse(value, Kind.NotEmpty, StringComparison.Ordinal);

    /// <summary>A pattern for a header: <c>*</c> asks only that it is there.</summary>
    public static TextPattern OfHeader(string value, bool ignoreCase = false) =>
        Parse(value, Kind.Any, ignoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);

    /// <summary>Exactly this text, asterisks included.</summary>
    public static TextPattern Exactly(string text) => new(text, Kind.Exact, StringComparison.Ordinal);

    /// <summary>Text that begins so.</summary>
    public static TextPattern StartingWith(string text) => new(text, Kind.Prefix, StringComparison.Ordinal);

    /// <summary>Text that ends so.</summary>
    public static TextPattern EndingWith(string text) => new(text, Kind.Suffix, StringComparison.Ordinal);

    /// <summary>Any text but the empty one.</summary>
    public static TextPattern NotEmpty { get; } = new("", Kind.NotEmpty, StringComparison.Ordinal);

    /// <summary>Whether a text fits.</summary>
    public bool Matches(string text) => _kind switch
    {
        Kind.Exact => string.Equals(text, _text, _comparison),
        Kind.Prefix => text.StartsWith(_text, _comparison),
        Kind.Suffix => text.EndsWith(_text, _comparison),
        Kind.NotEmpty => text.Length > 0,
        _ => true,
    };

    private static TextPattern Parse(string value, Kind asterisk, StringComparison comparison) =>
        value == "*" ? new("", asterisk, comparison)
        : value.StartsWith('*') ? new(value[1..], Kind.Suffix, comparison)
        : value.EndsWith('*') ? new(value[..^1], Kind.Prefix, comparison)
        : new(value, Kind.Exact, comparison);
}
