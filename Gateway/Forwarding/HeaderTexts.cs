using System.Buffers.Binary;
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

    /// <summary>By the length and what is at the beginning, in the middle and at the end.</summary>
    private static int Slot(ReadOnlySpan<byte> bytes)
    {
        var hash = (ulong)bytes.Length;
        if (bytes.Length >= sizeof(ulong))
        {
            hash = Mix(hash, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            hash = Mix(hash, BinaryPrimitives.ReadUInt64LittleEndian(bytes[((bytes.Length - sizeof(ulong)) / 2)..]));
            hash = Mix(hash, BinaryPrimitives.ReadUInt64LittleEndian(bytes[^sizeof(ulong)..]));
        }
        else
        {
            foreach (var value in bytes)
            {
                hash = Mix(hash, value);
            }
        }

        return (int)((hash >> 32) % Slots);
    }

    private static ulong Mix(ulong hash, ulong value) => (hash ^ value) * 0x9E3779B97F4A7C15;
}
