using System.Buffers;
using Gateway.Listening;

namespace Gateway.Tests.Listening;

/// <summary>What the first message of a TLS client says of certificates.</summary>
public sealed class ClientHelloTests
{
    private const string P256 = "1.2.840.10045.3.1.7";
    private const string P384 = "1.3.132.0.34";

    private static byte[] Vector(int size, params ReadOnlySpan<byte> content) =>
        size == 1 ? [(byte)content.Length, .. content] : [(byte)(content.Length >> 8), (byte)content.Length, .. content];

    private static byte[] Extension(byte type, params ReadOnlySpan<byte> content) => [0, type, .. Vector(2, content)];

    /// <summary>A client that offers TLS 1.3 or not, with some suites, curves and signature schemes.</summary>
    private static byte[] Record(byte[] suites, byte[] groups, byte[] schemes, bool hasVersions)
    {
        byte[] extensions =
        [
            .. Extension(0, 0, 0), .. groups.Length > 0 ? Extension(10, Vector(2, groups)) : [],
            .. schemes.Length > 0 ? Extension(13, Vector(2, schemes)) : [], .. hasVersions ? Extension(43, 2, 3, 4) : [],
        ];
        byte[] body = [3, 3, .. new byte[32], .. Vector(1, 1, 2), .. Vector(2, suites), .. Vector(1, 0), .. Vector(2, extensions)];
        byte[] message = [1, 0, .. Vector(2, body)];
        return [22, 3, 1, .. Vector(2, message)];
    }

    private static ClientHello? Read(byte[] bytes)
    {
        Assert.True(ClientHello.TryRead(new ReadOnlySequence<byte>(bytes), out var hello));
        return hello;
    }

    [Theory]
    [InlineData(true, true, 0x0403, P256, true)]
    [InlineData(true, true, 0x0403, P384, false)]
    [InlineData(true, true, 0x0503, P384, true)]
    [InlineData(true, true, 0x0804, P256, false)]
    [InlineData(true, false, 0x0804, P256, true)]
    [InlineData(false, true, 0x0804, P256, true)]
    [InlineData(false, true, 0x0804, P384, false)]
    [InlineData(true, true, 0x0403, null, false)]
    [InlineData(true, true, 0x0403, "1.2.3", false)]
    public void Signature_schemes_decide_in_TLS_1_3_and_curves_with_cipher_suites_before(
        bool hasVersions, bool isVersion13, int scheme, string? curve, bool isTaken)
    {
        var hello = Read(Record([0xC0, 0x2B], [0, 23], [(byte)(scheme >> 8), (byte)scheme], hasVersions));
        Assert.Equal(isTaken, hello!.Takes(curve, isVersion13));
    }

    [Fact]
    public void Without_a_cipher_suite_for_it_an_old_client_takes_no_ECDSA_certificate() =>
        Assert.False(Read(Record([0xC0, 0x2F], [0, 23], [4, 3], hasVersions: false))!.Takes(P256, isVersion13: true));

    [Fact]
    public void Bytes_that_are_no_TLS_are_no_message() => Assert.Null(Read([.. "GET / HTTP/1.1\r\n"u8]));

    [Fact]
    public void More_bytes_are_needed_until_the_record_is_whole()
    {
        var record = Record([0xC0, 0x2B], [0, 23], [4, 3], hasVersions: true);
        for (var length = 0; length < record.Length; length++)
        {
            Assert.False(ClientHello.TryRead(new ReadOnlySequence<byte>(record, 0, length), out _));
        }

        Assert.NotNull(Read(record));
    }

    [Fact]
    public void A_message_that_is_cut_anywhere_is_read_as_far_as_it_goes_or_not_at_all()
    {
        var record = Record([0xC0, 0x2B], [0, 23], [4, 3], hasVersions: true);
        for (var length = 0; length < record.Length - 5; length++)
        {
            byte[] cut = [22, 3, 1, .. Vector(2, record.AsSpan(5, length))];
            Assert.True(ClientHello.TryRead(new ReadOnlySequence<byte>(cut), out _));
        }
    }
}
