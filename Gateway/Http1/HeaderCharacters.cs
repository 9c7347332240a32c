using System.Buffers;

namespace Gateway.Http1;

/// <summary>What names and values of headers are made of.</summary>
internal static class HeaderCharacters
{
    private const string Token = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private static readonly SearchValues<char> Characters = SearchValues.Create(Token);
    private static readonly SearchValues<byte> Bytes = SearchValues.Create([.. Token.Select(value => (byte)value)]);
    private static readonly SearchValues<char> ControlCharacters = SearchValues.Create([.. Controls.Select(value => (char)value)]);
    private static readonly SearchValues<byte> ControlBytes = SearchValues.Create([.. Controls.Select(value => (byte)value)]);

    // RFC 9110, section 5.5: no control characters but the tab.
    private static IEnumerable<int> Controls => Enumerable.Range(0, 0x20).Where(value => value != '\t').Append(0x7F);

    /// <summary>Whether this is a name (RFC 9110, section 5.6.2).</summary>
    public static bool IsName(ReadOnlySpan<char> text) => !text.IsEmpty && !text.ContainsAnyExcept(Characters);

    /// <summary>Whether this is a name (RFC 9110, section 5.6.2).</summary>
    public static bool IsName(ReadOnlySpan<byte> text) => !text.IsEmpty && !text.ContainsAnyExcept(Bytes);

    /// <summary>Whether this can be a value.</summary>
    public static bool IsValue(ReadOnlySpan<char> text) => !text.ContainsAny(ControlCharacters);

    /// <summary>Whether this can be a value.</summary>
    public static bool IsValue(ReadOnlySpan<byte> text) => !text.ContainsAny(ControlBytes);
}
