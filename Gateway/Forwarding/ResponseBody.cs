using System.Buffers;
using System.Buffers.Text;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Gateway.Forwarding;

/// <summary>
/// Passes a response's body on as it comes (proxy_buffering is off in ingress-nginx): every piece goes out at once, and the endpoint
/// is read no faster than the client takes.
/// </summary>
internal static class ResponseBody
{
    private const int PieceSize = 16 * 1024;
    private const int LongestLine = 4096;

    /// <summary>Copies a body to its end: at once when it has come as a whole, as most do with their head.</summary>
    /// <returns>Its length.</returns>
    /// <exception cref="IOException">The endpoint broke off, or sent invalid chunks.</exception>
    public static ValueTask<long> CopyAsync(UpstreamConnection connection, in ResponseFraming framing, PipeWriter writer)
    {
        if (framing.IsChunked)
        {
            return CopyChunksAsync(connection, writer);
        }

        var length = framing.EndsWithConnection ? long.MaxValue : framing.Length;
        var copied = length > 0 ? WriteReceived(connection, writer, length) : 0L;
        return copied == length ? new(copied) : CopyRestAsync(connection, writer, copied, length, framing.EndsWithConnection);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<long> CopyRestAsync(
        UpstreamConnection connection, PipeWriter writer, long copied, long length, bool untilEnd)
    {
        while (copied < length)
        {
            await FlushAsync(writer);
            var memory = writer.GetMemory(PieceSize);
            var count = await connection.ReceiveAsync(memory[..(int)Math.Min(memory.Length, length - copied)]);
            writer.Advance(count);
            copied += count;
            if (count == 0)
            {
                length = untilEnd ? copied : throw new IOException("The endpoint broke off within a body.");
            }
        }

        // The server itself flushes at the end of a request only when nothing has been flushed before, or to end chunks.
        await FlushAsync(writer);
        return copied;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<long> CopyChunksAsync(UpstreamConnection connection, PipeWriter writer)
    {
        var copied = 0L;
        while (true)
        {
            // 1a2b;extension
            var size = await ReadChunkSizeAsync(connection, writer);
            if (size == 0)
            {
                await SkipTrailersAsync(connection, writer);
                return copied;
            }

            copied += size;

            while (size > 0)
            {
                size -= WriteReceived(connection, writer, size);
                if (size > 0)
                {
                    await FillAsync(connection, writer);
                }
            }

            if (await ReadLineAsync(connection, writer) != 2)
            {
                throw new IOException("The endpoint sent a chunk that is longer than it said.");
            }

            connection.Take(2);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<long> ReadChunkSizeAsync(UpstreamConnection connection, PipeWriter writer)
    {
        var length = await ReadLineAsync(connection, writer);
        var line = connection.Received[..(length - 2)];
        if (!Utf8Parser.TryParse(line, out long size, out var digits, 'x') || size < 0
            || (digits < line.Length && line[digits] is not ((byte)';' or (byte)' ' or (byte)'\t')))
        {
            throw new IOException("The endpoint sent a chunk without a size.");
        }

        connection.Take(length);
        return size;
    }

    /// <summary>
    /// Trailers end here: nginx's proxy module and Envoy's codec of HTTP/1.1 (enable_trailers, which Istio leaves off) drop them.
    /// </summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private static async ValueTask SkipTrailersAsync(UpstreamConnection connection, PipeWriter writer)
    {
        while (await ReadLineAsync(connection, writer) is var length and > 2)
        {
            ResponseHead.Split(connection.Received[..length], out _, out _);
            connection.Take(length);
        }

        connection.Take(2);
    }

    /// <summary>Waits for a whole line and gives its length with its end; it stays in the buffer.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<int> ReadLineAsync(UpstreamConnection connection, PipeWriter writer)
    {
        while (true)
        {
            var end = connection.Received.IndexOf("\r\n"u8);
            if (end >= 0)
            {
                return end + 2;
            }

            if (connection.Received.Length > LongestLine)
            {
                throw new IOException("The endpoint sent a chunk without a size.");
            }

            await FillAsync(connection, writer);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private static async ValueTask FillAsync(UpstreamConnection connection, PipeWriter writer)
    {
        await FlushAsync(writer);
        if (!await connection.FillAsync())
        {
            throw new IOException("The endpoint broke off within a body.");
        }
    }

    private static int WriteReceived(UpstreamConnection connection, PipeWriter writer, long most)
    {
        var piece = connection.Received;
        piece = piece[..(int)Math.Min(piece.Length, most)];
        writer.Write(piece);
        connection.Take(piece.Length);
        return piece.Length;
    }

    /// <summary>Sends what there is before waiting for more.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private static async ValueTask FlushAsync(PipeWriter writer)
    {
        var result = await writer.FlushAsync();
        if (result.IsCompleted || result.IsCanceled)
        {
            throw new OperationCanceledException("The client has gone.");
        }
    }
}
