using System.Buffers;
using System.IO.Pipelines;
using Gateway.Metrics;

namespace Gateway.Proxy;

/// <summary>
/// The messages of one gRPC call, counted in both directions as they pass. A call may last for days, so the metrics hear of them while it
/// does; Istio's proxies tell theirs every five seconds. Used again for the next call.
/// </summary>
/// <remarks>istio/proxy source/extensions/filters/http/istio_stats/istio_stats.cc, reportHelper.</remarks>
internal sealed class GrpcMessages
{
    private readonly Lock _gate = new();
    private GrpcFrames _request;
    private GrpcFrames _response;
    private MessageCounts? _caller;
    private MessageCounts? _callee;
    private long _toldOfRequest;
    private long _toldOfResponse;

    /// <summary>Whether the metrics hear of each message already.</summary>
    public bool IsLive => _caller is not null;

    /// <summary>Begins another call.</summary>
    public void Reset()
    {
        (_request, _response, _caller, _callee) = (default, default, null, null);
        (_toldOfRequest, _toldOfResponse) = (0, 0);
    }

    /// <summary>The next piece of the request has been received.</summary>
    public void OnRequest(in ReadOnlySequence<byte> bytes)
    {
        lock (_gate)
        {
            foreach (var piece in bytes)
            {
                _request.Inspect(piece.Span);
            }

            Tell();
        }
    }

    /// <summary>A writer of the response's body that counts what it is given.</summary>
    public PipeWriter Counting(PipeWriter writer) => new CountingWriter(this, writer);

    /// <summary>Who calls whom is settled: tells what there has been so far, and from now on each message.</summary>
    /// <param name="caller">The counts of the caller's proxy.</param>
    /// <param name="callee">Those of the callee's; null where it has none.</param>
    public void GoLive(MessageCounts caller, MessageCounts? callee)
    {
        lock (_gate)
        {
            (_caller, _callee) = (caller, callee);
            Tell();
        }
    }

    /// <summary>Tells all messages of a call, or of an attempt, that is over without having gone live.</summary>
    public void TellAll(MessageCounts counts)
    {
        lock (_gate)
        {
            counts.Add(_request.Count, _response.Count);
        }
    }

    private void OnResponse(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            _response.Inspect(bytes);
            Tell();
        }
    }

    private void Tell()
    {
        if (_caller is null)
        {
            return;
        }

        var (requests, responses) = (_request.Count - _toldOfRequest, _response.Count - _toldOfResponse);
        (_toldOfRequest, _toldOfResponse) = (_request.Count, _response.Count);
        _caller.Add(requests, responses);
        _callee?.Add(requests, responses);
    }

    private sealed class CountingWriter(GrpcMessages messages, PipeWriter writer) : PipeWriter
    {
        private Memory<byte> _memory;

        public override bool CanGetUnflushedBytes => writer.CanGetUnflushedBytes;

        public override long UnflushedBytes => writer.UnflushedBytes;

        public override Memory<byte> GetMemory(int sizeHint = 0) => _memory = writer.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        public override void Advance(int bytes)
        {
            messages.OnResponse(_memory.Span[..bytes]);
            writer.Advance(bytes);
        }

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => writer.FlushAsync(cancellationToken);

        public override void CancelPendingFlush() => writer.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => writer.Complete(exception);
    }
}
