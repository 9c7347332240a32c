using System.Text;
using Gateway.AccessLogs;
using Gateway.Requests;
using Gateway.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.AccessLogs;

/// <summary>How entries get to the stream.</summary>
public sealed class AccessLogTests
{
    private static readonly AccessLogFormat Short = AccessLogFormat.Parse("%RESPONSE_CODE%\n");

    private static RequestSummary Status(int status) => new() { Status = status };

    [Fact]
    public void Entries_are_written_together_after_a_while()
    {
        var time = new FakeTimeProvider();
        using var stream = new MemoryStream();
        using var log = new AccessLog(stream, Short, time);
        log.Write(Status(200));
        log.Write(Status(201));
        Assert.Equal(0, stream.Length);
        time.Advance(AccessLog.FlushInterval);
        Assert.Equal("200\n201\n", Encoding.UTF8.GetString(stream.ToArray()));

        log.Write(Status(202));
        time.Advance(AccessLog.FlushInterval);
        Assert.Equal("200\n201\n202\n", Encoding.UTF8.GetString(stream.ToArray()));
    }

    [Fact]
    public void Many_entries_wait_less()
    {
        var time = new FakeTimeProvider();
        using var stream = new MemoryStream();
        using var log = new AccessLog(stream, Short, time);
        for (var i = 0; i < AccessLog.FlushSize / 4; i++)
        {
            log.Write(Status(200));
        }

        time.Advance(AccessLog.Soon);
        Assert.Equal(AccessLog.FlushSize, stream.Length);
    }

    [Fact]
    public void The_end_writes_what_waits()
    {
        using var stream = new MemoryStream();
        new AccessLog(stream, Short, new FakeTimeProvider()).Dispose();
        using (var log = new AccessLog(stream, Short, new FakeTimeProvider()))
        {
            log.Write(Status(200));
        }

        Assert.Equal(4, stream.Length);
    }

    [Fact]
    public void A_reader_that_is_gone_does_not_hurt()
    {
        using var log = new AccessLog(new Broken(), Short, new FakeTimeProvider());
        log.Write(Status(200));
        log.Flush();
        log.Write(Status(200));
        log.Flush();
    }

    [Fact]
    public async Task A_reader_that_is_slow_costs_entries_not_requests()
    {
        using var stream = new Stalled();
        using var log = new AccessLog(stream, AccessLogFormat.Parse(new string('x', 1000)), new FakeTimeProvider());
        log.Write(Status(200));
        var flush = Task.Run(log.Flush, TestContext.Current.CancellationToken);
        await stream.Reached;
        for (var i = 0; i <= (AccessLog.MaxPending / 1000) + 10; i++)
        {
            log.Write(Status(200));
        }

        Assert.InRange(log.Dropped, 1, 20);
        stream.Release();
        await flush;
    }

    [Fact]
    public async Task Entries_of_many_threads_do_not_mix()
    {
        using var stream = new MemoryStream();
        var summaries = Enumerable.Range(200, 8).Select(Status).ToArray();
        using (var log = new AccessLog(stream, Short, TimeProvider.System))
        {
            await Task.WhenAll(summaries.Select(summary => Task.Run(() =>
            {
                for (var i = 0; i < 1000; i++)
                {
                    log.Write(summary);
                }
            }, TestContext.Current.CancellationToken)));
        }

        var lines = Encoding.UTF8.GetString(stream.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries).CountBy(line => line).ToArray();
        Assert.Equal(8, lines.Length);
        Assert.All(lines, line => Assert.Equal(1000, line.Value));
    }

    private sealed class Broken : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("broken pipe");
    }

    private sealed class Stalled : MemoryStream
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ManualResetEventSlim _released = new();

        public Task Reached => _reached.Task;

        public void Release() => _released.Set();

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            _reached.TrySetResult();
            _released.Wait(TestContext.Current.CancellationToken);
        }

        protected override void Dispose(bool disposing)
        {
            _released.Dispose();
            base.Dispose(disposing);
        }
    }
}
