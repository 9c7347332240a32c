using System.Text;

namespace Gateway.Http1;

/// <summary>
/// A header line that came in, as text. Connections keep it for the next message, which mostly has the same line: it becomes text, and
/// bytes again, once.
/// </summary>
/// <param name="name">The name as it came.</param>
/// <param name="value">The value, without the space around it.</param>
internal sealed class HeaderLine(string name, string value)
{
    private byte[]? _bytes;
    private byte[]? _lowerBytes;
    private bool _isUsedAgain;

    /// <summary>The name as it came.</summary>
    public string Name => name;

    /// <summary>The value.</summary>
    public string Value => value;

    /// <summary>Whether it can be sent on.</summary>
    public bool IsSendable => HeaderCharacters.IsName(name) && HeaderCharacters.IsValue(value);

    /// <summary>The line as it is sent, its end included; empty for one that is not used again, whose bytes are not worth being kept.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes ?? Make(ref _bytes, isLower: false);

    /// <summary>The same with the name in small letters.</summary>
    public ReadOnlySpan<byte> LowerBytes => _lowerBytes ?? Make(ref _lowerBytes, isLower: true);

    /// <summary>Makes text of a line.</summary>
    /// <param name="name">The name.</param>
    /// <param name="value">The value, without the space around it.</param>
    /// <param name="before">Another line, perhaps of the same name.</param>
    public static HeaderLine Of(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, HeaderLine? before) => new(
        before is not null && Ascii.Equals(name, before.Name) ? before.Name : Encoding.Latin1.GetString(name), Encoding.Latin1.GetString(value));

    private byte[]? Make(ref byte[]? bytes, bool isLower)
    {
        if (_isUsedAgain)
        {
            return bytes = Encoding.Latin1.GetBytes($"{(isLower ? name.ToLowerInvariant() : name)}: {value}\r\n");
        }

        _isUsedAgain = true;
        return null;
    }
}
