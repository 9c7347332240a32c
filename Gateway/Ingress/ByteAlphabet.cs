namespace Gateway.Ingress;

/// <summary>
/// How bytes become characters for .NET's regular expressions: ASCII stays, a byte from 0x80 on becomes a private-use character, where
/// nothing is a letter, a digit or a space and nothing folds its case, as in PCRE's C locale.
/// </summary>
internal static class ByteAlphabet
{
    private const int PrivateUse = 0xE000;

    /// <summary>The character of a byte.</summary>
    public static char Map(int value) => (char)(value < 0x80 ? value : PrivateUse + value);

    /// <summary>The characters of bytes.</summary>
    public static string Map(ReadOnlySpan<byte> bytes) => string.Create(bytes.Length, bytes, static (characters, source) =>
    {
        for (var i = 0; i < characters.Length; i++)
        {
            characters[i] = Map(source[i]);
        }
    });
}
