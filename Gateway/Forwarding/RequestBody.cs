using System.Buffers;

namespace Gateway.Forwarding;

/// <summary>A request body read into one pooled array, at most client_max_body_size.</summary>
internal sealed class RequestBody : IDisposable
{
    private const int InitialSize = 8 * 1024;

    private byte[] _buffer = [];
    private int _length;

    /// <summary>Length in bytes.</summary>
    public int Length => _length;

    /// <summary>Reads to the end.</summary>
    /// <returns>False when there is more than <paramref name="limit"/>.</returns>
    public async ValueTask<bool> TryReadAsync(Stream body, int limit, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_length == _buffer.Length)
            {
                Grow(limit);
            }

            var count = await body.ReadAsync(_buffer.AsMemory(_length), cancellationToken);
            if (count == 0)
            {
                return true;
            }

            _length += count;
            if (_length > limit)
            {
                return false;
            }
        }
    }

    /// <summary>The body.</summary>
    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, _length);

    public void Dispose()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }
    }

    private void Grow(int limit)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(_length == 0 ? InitialSize : Math.Min(_length * 2, limit + 1));
        _buffer.AsSpan(0, _length).CopyTo(buffer);
        Dispose();
        _buffer = buffer;
    }
}
