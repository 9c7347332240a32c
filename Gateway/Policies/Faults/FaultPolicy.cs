using Gateway.Mesh;
using Gateway.Requests;
using Istio.Documents;
using Istio.Networking;

namespace Gateway.Policies.Faults;

/// <summary>A route's faults: a delay and an abort, each for its own share of the requests.</summary>
/// <remarks>
/// Istio pilot/pkg/networking/core/route/route.go (TranslateFault), Envoy source/extensions/filters/http/fault/fault_filter.cc
/// </remarks>
internal sealed class FaultPolicy
{
    private const uint Million = 1_000_000;

    private readonly TimeSpan _delay;
    private readonly uint _delayShare;
    private readonly uint _abortShare;
    private readonly LocalReply? _abort;

    private FaultPolicy(TimeSpan delay, uint delayShare, LocalReply? abort, uint abortShare) =>
        (_delay, _delayShare, _abort, _abortShare) = (delay, delayShare, abort, abortShare);

    /// <summary>Compiles the faults of a rule; null when there is none that could happen.</summary>
    /// <param name="fault">The faults.</param>
    /// <param name="document">The document they stand in.</param>
    /// <param name="field">Their place in it, such as <c>spec.http[0].fault</c>.</param>
    /// <param name="findings">Receives what cannot be executed.</param>
    public static FaultPolicy? Compile(HTTPFaultInjection? fault, ResourceDocument document, string field, List<Finding> findings)
    {
        if (fault is null)
        {
            return null;
        }

        var delay = TimeSpan.Zero;
        if (fault.Delay is { FixedDelay: null })
        {
            findings.Add(document.At($"{field}.delay", PolicyCodes.Fault,
                "only fixedDelay is executed, as in Istio itself; the delay is left out"));
        }
        else if (fault.Delay?.FixedDelay is { } text)
        {
            // Envoy counts whole milliseconds, and delays only for more than none.
            delay = TimeSpan.FromMilliseconds(Math.Floor((text.Value ?? TimeSpan.Zero).TotalMilliseconds));
        }

        var abort = CompileAbort(fault.Abort, document, field, findings);
        var delayShare = delay <= TimeSpan.Zero ? 0
            : fault.Delay!.Percentage is { } percentage ? Share(percentage) : Share(fault.Delay.Percent);
        var abortShare = abort is null ? 0 : Share(fault.Abort!.Percentage);
        return delayShare == 0 && abortShare == 0 ? null : new FaultPolicy(delay, delayShare, abort, abortShare);
    }

    /// <summary>Draws whether a request is delayed, and for how long; zero when it is not.</summary>
    public TimeSpan DrawDelay(Random random) => Draw(_delayShare, random) ? _delay : TimeSpan.Zero;

    /// <summary>Draws whether a request is aborted, after its delay if it has one: the answer, or null.</summary>
    public LocalReply? DrawAbort(Random random) => Draw(_abortShare, random) ? _abort : null;

    private static bool Draw(uint share, Random random) => share > 0 && (share >= Million || random.NextInt64(Million) < share);

    private static LocalReply? CompileAbort(Abort? abort, ResourceDocument document, string field, List<Finding> findings)
    {
        switch (abort)
        {
            case null:
                return null;
            case { HttpStatus: { } status and >= 200 and <= 599 }:
                return Reply(status, null);
            // To a request that is not gRPC this is an answer with status 200, as in Envoy.
            case { GrpcStatus: { } name } when GrpcStatus.TryParse(name, out var code):
                return Reply(200, code);
            default:
                findings.Add(document.At($"{field}.abort", PolicyCodes.Fault,
                    "an abort needs httpStatus from 200 to 599 or the name of a gRPC status in grpcStatus; the abort is left out"));
                return null;
        }
    }

    private static LocalReply Reply(int status, int? grpc) =>
        new(status, "fault filter abort", ResponseFlags.FI, "fault_filter_abort") { Grpc = grpc };

    // Istio multiplies and cuts off what is left of the point.
    private static uint Share(Percent? percent) => (uint)Math.Clamp((percent?.Value ?? 0) * 10_000, 0, Million);

    private static uint Share(int? percent) => (uint)Math.Clamp(percent ?? 0, 0, 100) * 10_000;
}
