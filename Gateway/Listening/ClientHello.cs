using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Gateway.Listening;

/// <summary>What the first message of a TLS client says about the certificates that it takes.</summary>
/// <param name="SignatureSchemes">The schemes of its signature_algorithms.</param>
/// <param name="Groups">The curves of its supported_groups.</param>
/// <param name="CipherSuites">Its cipher suites.</param>
/// <param name="HasVersions">Whether it lists versions, as TLS 1.3 asks for.</param>
/// <remarks>RFC 8446, section 4.1.2; RFC 8422, section 5.1.</remarks>
internal sealed record ClientHello(
    ImmutableArray<ushort> SignatureSchemes, ImmutableArray<ushort> Groups, ImmutableArray<ushort> CipherSuites, bool HasVersions)
{
    private const int RecordHeader = 5;
    private const byte Handshake = 22;
    private const ushort SupportedGroups = 10;
    private const ushort SignatureAlgorithms = 13;
    private const ushort SupportedVersions = 43;

    /// <summary>Those of TLS 1.2 that sign with ECDSA, of the ones that BoringSSL knows.</summary>
    private static readonly ushort[] EcdsaSuites = [0xC02B, 0xC02C, 0xCCA9, 0xC009, 0xC00A];

    /// <summary>The curves of certificates: their groups, and the schemes of TLS 1.3.</summary>
    private static readonly (string Oid, ushort Group, ushort Scheme)[] Curves =
    [
        ("1.2.840.10045.3.1.7", 23, 0x0403), ("1.3.132.0.34", 24, 0x0503), ("1.3.132.0.35", 25, 0x0603),
    ];

    /// <summary>Whether the client takes an ECDSA certificate with a key on a curve.</summary>
    /// <param name="curve">The curve's object identifier.</param>
    /// <param name="isVersion13">Whether the server speaks TLS 1.3.</param>
    /// <remarks>envoyproxy/envoy source/common/tls/server_context_impl.cc, getClientEcdsaCapabilities.</remarks>
    public bool Takes(string? curve, bool isVersion13)
    {
        var known = Curves.FirstOrDefault(one => one.Oid == curve);
        return known.Oid is not null && (HasVersions && isVersion13
            ? SignatureSchemes.Contains(known.Scheme)
            : Groups.Contains(known.Group) && CipherSuites.Any(EcdsaSuites.Contains));
    }

    /// <summary>Reads the message from the first bytes of a connection.</summary>
    /// <param name="received">The bytes so far.</param>
    /// <param name="hello">The message; null when it is none, or is cut into several records, which nobody does.</param>
    /// <returns>False when more bytes are needed.</returns>
    public static bool TryRead(in ReadOnlySequence<byte> received, out ClientHello? hello)
    {
        hello = null;
        if (received.IsEmpty || received.FirstSpan[0] != Handshake)
        {
            return !received.IsEmpty;
        }

        Span<byte> header = stackalloc byte[RecordHeader];
        if (received.Length < RecordHeader)
        {
            return false;
        }

        received.Slice(0, RecordHeader).CopyTo(header);
        var length = BinaryPrimitives.ReadUInt16BigEndian(header[3..]);
        if (received.Length < RecordHeader + length)
        {
            return false;
        }

        hello = Parse(received.Slice(RecordHeader, length).ToArray());
        return true;
    }

    private static ClientHello? Parse(ReadOnlySpan<byte> message)
    {
        var body = new Fields(message);
        if (!body.TryTake(1, out var type) || type[0] != 1 || !body.TryTake(3 + 2 + 32, out _) || !body.TryTakeVector(1, out _)
            || !body.TryTakeVector(2, out var suites) || !body.TryTakeVector(1, out _) || !body.TryTakeVector(2, out var extensions))
        {
            return null;
        }

        var hello = new ClientHello([], [], Numbers(suites), HasVersions: false);
        var rest = new Fields(extensions);
        while (rest.TryTake(2, out var name) && rest.TryTakeVector(2, out var content))
        {
            var list = new Fields(content);
            hello = BinaryPrimitives.ReadUInt16BigEndian(name) switch
            {
                SupportedGroups when list.TryTakeVector(2, out var groups) => hello with { Groups = Numbers(groups) },
                SignatureAlgorithms when list.TryTakeVector(2, out var schemes) => hello with { SignatureSchemes = Numbers(schemes) },
                SupportedVersions => hello with { HasVersions = true },
                _ => hello,
            };
        }

        return hello;
    }

    private static ImmutableArray<ushort> Numbers(ReadOnlySpan<byte> bytes)
    {
        var numbers = ImmutableArray.CreateBuilder<ushort>(bytes.Length / 2);
        for (; bytes.Length >= 2; bytes = bytes[2..])
        {
            numbers.Add(BinaryPrimitives.ReadUInt16BigEndian(bytes));
        }

        return numbers.ToImmutable();
    }

    /// <summary>Takes one field after the other.</summary>
    private ref struct Fields(ReadOnlySpan<byte> rest)
    {
        private ReadOnlySpan<byte> _rest = rest;

        public bool TryTake(int length, out ReadOnlySpan<byte> field)
        {
            var isThere = _rest.Length >= length;
            field = isThere ? _rest[..length] : default;
            _rest = isThere ? _rest[length..] : default;
            return isThere;
        }

        /// <summary>Takes a field that is preceded by its length.</summary>
        public bool TryTakeVector(int lengthSize, out ReadOnlySpan<byte> field)
        {
            field = default;
            return TryTake(lengthSize, out var length)
                && TryTake(lengthSize == 1 ? length[0] : BinaryPrimitives.ReadUInt16BigEndian(length), out field);
        }
    }
}
