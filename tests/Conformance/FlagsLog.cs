using System.Collections.Concurrent;
using System.Text;
using Gateway.AccessLogs;

namespace Conformance;

/// <summary>Where the gateway's access log goes: keeps the response flags of each request that has an id.</summary>
internal sealed class FlagsLog : Stream
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<string>> _flags = new();
    private readonly StringBuilder _text = new();

    /// <summary>A line of the log.</summary>
    public static AccessLogFormat Format { get; } = AccessLogFormat.Parse($"%REQ({LocalGateway.IdHeader})% %RESPONSE_FLAGS%\n");

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>A clock for the log: what it would let wait is written in a moment.</summary>
    public static TimeProvider Clock { get; } = new Prompt();

    /// <summary>The flags of a request, when it is over for the gateway, which may be a little later than for its client.</summary>
    public Task<string> FlagsOfAsync(string id) => Entry(id).Task;

    public override void Write(byte[] buffer, int offset, int count)
    {
        lock (_gate)
        {
            _text.Append(Encoding.Latin1.GetString(buffer, offset, count));
            var lines = _text.ToString().Split('\n');
            foreach (var line in lines[..^1])
            {
                var parts = line.Split(' ');
                Entry(parts[0]).TrySetResult(parts[1]);
            }

            _text.Clear().Append(lines[^1]);
        }
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private TaskCompletionSource<string> Entry(string id) =>
        _flags.GetOrAdd(id, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

    private sealed class Prompt : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            new PromptTimer(System.CreateTimer(callback, state, dueTime, period));
    }

    private sealed class PromptTimer(ITimer timer) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) =>
            timer.Change(dueTime < TimeSpan.Zero ? dueTime : TimeSpan.Zero, period);

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
