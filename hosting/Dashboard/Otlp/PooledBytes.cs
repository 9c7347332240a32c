using System.Buffers;

namespace Dashboard.Otlp;

/// <summary>Bytes that grow in arrays that are used again: exports come many times a second, and most are too large for small objects.</summary>
/// <param name="expected">How many will come, when that is known: growing leaves arrays of all sizes in the pool.</param>
internal sealed class PooledBytes(long expected = 0) : IDisposable
{
    private const int Least = 16 * 1024;

    // One more than is expected, so that the end can be read.
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent((int)Math.Max(Least, expected + 1));
    private int _length;

    /// <summary>What has been written.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    /// <summary>Room to write to; never empty.</summary>
    public Memory<byte> Free()
    {
        if (_length == _bytes.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(_bytes.Length * 2);
            Written.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = larger;
        }

        return _bytes.AsMemory(_length);
    }

    /// <summary>So much of the room has been written to.</summary>
    public void Advance(int count) => _length += count;

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        _length = 0;
    }
}
