using System.Text;

namespace Gateway.Forwarding;

/// <summary>
/// Turns the names and values of response headers into text. Most come again and again, so the texts seen last are remembered: bounded,
/// lossy, lock-free.
/// </summary>
internal static class HeaderTexts
{
    private const int Slots = 512;
    private const int Longest = 64;

    private static readonly string?[] Texts = new string?[Slots];

    /// <summary>The text of bytes in Latin-1.</summary>
    public static string Get(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return "";
        }

        if (bytes.Length > Longest)
        {
            return Encoding.Latin1.GetString(bytes);
        }

        ref var slot = ref Texts[Slot(bytes)];
        var text = Volatile.Read(ref slot);
        if (text is null || !Ascii.Equals(bytes, text))
        {
            text = Encoding.Latin1.GetString(bytes);
            Volatile.Write(ref slot, text);
        }

        return text;
    }

    private static int Slot(ReadOnlySpan<byte> bytes)
    {
        var hash = (uint)bytes.Length;
        foreach (var value in bytes)
        {
            hash = (hash * 31) + value;
        }

        return (int)(hash % Slots);
    }
}
