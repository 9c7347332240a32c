using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace Aspire.Hosting.Orchestration.Processes;

/// <summary>
/// Reads one output stream of a child line by line. Holds at most one line: a child that writes faster than its lines are taken
/// waits in its write call, as with any pipe.
/// </summary>
internal static class OutputPump
{
    /// <summary>A longer line is cut in pieces of this many bytes, so that output without line ends cannot fill the memory.</summary>
    internal const int MaxLineBytes = 16 * 1024;

    private static readonly StreamPipeReaderOptions ReaderOptions = new(bufferSize: 4096, minimumReadSize: 1024);

    /// <summary>Reads until the end of the stream.</summary>
    public static async Task RunAsync(Stream stream, bool isError, Action<OutputLine> output, CancellationToken cancellationToken)
    {
        var reader = PipeReader.Create(stream, ReaderOptions);
        try
        {
            while (true)
            {
                var result = await reader.ReadAsync(cancellationToken);
                var buffer = result.Buffer;
                while (TryTakeLine(ref buffer, result.IsCompleted, out var line))
                {
                    output(new OutputLine(Decode(line), isError));
                }

                reader.AdvanceTo(buffer.Start, buffer.End);
                if (result.IsCompleted)
                {
                    return;
                }
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The pipe broke or reading was given up: what was read is all there is.
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }

    private static bool TryTakeLine(ref ReadOnlySequence<byte> buffer, bool isCompleted, out ReadOnlySequence<byte> line)
    {
        if (buffer.PositionOf((byte)'\n') is { } end && buffer.GetOffset(end) - buffer.GetOffset(buffer.Start) <= MaxLineBytes)
        {
            line = buffer.Slice(0, end);
            buffer = buffer.Slice(buffer.GetPosition(1, end));
            return true;
        }

        var take = buffer.Length > MaxLineBytes ? MaxLineBytes : isCompleted ? buffer.Length : 0;
        line = buffer.Slice(0, take);
        buffer = buffer.Slice(take);
        return take > 0;
    }

    private static string Decode(ReadOnlySequence<byte> line)
    {
        var text = Encoding.UTF8.GetString(line);
        return text.EndsWith('\r') ? text[..^1] : text;
    }
}
