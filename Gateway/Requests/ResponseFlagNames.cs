using System.Collections.Concurrent;

namespace Gateway.Requests;

/// <summary>Writes response flags as Envoy does: the short names in Envoy's order, with commas; a dash for none.</summary>
/// <remarks>Envoy envoy/stream_info/stream_info.h (CORE_RESPONSE_FLAGS)</remarks>
internal static class ResponseFlagNames
{
    // Envoy's order, and the bit that stands for the flag in CEL's response.flags.
    private static readonly (ResponseFlags Flag, string Name, int Bit)[] InOrder =
    [
        (ResponseFlags.UH, "UH", 1), (ResponseFlags.UT, "UT", 2), (ResponseFlags.LR, "LR", 3), (ResponseFlags.UR, "UR", 4),
        (ResponseFlags.UF, "UF", 5), (ResponseFlags.UC, "UC", 6), (ResponseFlags.UO, "UO", 7), (ResponseFlags.NR, "NR", 8),
        (ResponseFlags.DI, "DI", 9), (ResponseFlags.FI, "FI", 10), (ResponseFlags.RL, "RL", 11), (ResponseFlags.UAEX, "UAEX", 12),
        (ResponseFlags.DC, "DC", 14), (ResponseFlags.URX, "URX", 15), (ResponseFlags.SI, "SI", 16), (ResponseFlags.DPE, "DPE", 18),
        (ResponseFlags.UPE, "UPE", 23), (ResponseFlags.NC, "NC", 24),
    ];

    // There are few combinations in practice.
    private static readonly ConcurrentDictionary<ResponseFlags, string> Texts = new();

    /// <summary>The short names.</summary>
    public static string ToText(this ResponseFlags flags) => flags == ResponseFlags.None ? "-" : Texts.GetOrAdd(flags, Join);

    /// <summary>The number that CEL expressions see.</summary>
    public static long ToBits(this ResponseFlags flags)
    {
        var bits = 0L;
        foreach (var (flag, _, bit) in InOrder)
        {
            bits |= flags.HasFlag(flag) ? 1L << bit : 0;
        }

        return bits;
    }

    private static string Join(ResponseFlags flags) =>
        string.Join(',', InOrder.Where(entry => flags.HasFlag(entry.Flag)).Select(entry => entry.Name));
}
