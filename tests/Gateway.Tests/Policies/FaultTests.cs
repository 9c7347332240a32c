using Gateway.Policies;
using Gateway.Policies.Faults;
using Gateway.Requests;
using Istio.Documents;
using Istio.Networking;

namespace Gateway.Tests.Policies;

/// <summary>Delays and aborts of VirtualServices.</summary>
public sealed class FaultTests
{
    private static FaultPolicy? Compile(string fault, List<Finding>? findings = null)
    {
        var (document, service) = ResourceReader.ReadText(
            $"apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {{name: ping}}\nspec: {{hosts: [ping], http: [{{fault: {fault}}}]}}\n",
            "mesh.yaml").OfType<VirtualService>().Single();
        return FaultPolicy.Compile(service.Spec.Http[0].Fault, document, "spec.http[0].fault", findings ?? []);
    }

    [Theory]
    [InlineData("{abort: {httpStatus: 503, percentage: {value: 100}}}", 503, null)]
    [InlineData("{abort: {httpStatus: 418, percentage: {value: 100}}}", 418, null)]
    // gRPC's status is not an HTTP status: a request that is not gRPC gets 200.
    [InlineData("{abort: {grpcStatus: UNAVAILABLE, percentage: {value: 100}}}", 200, 14)]
    [InlineData("{abort: {grpcStatus: UNAUTHENTICATED, percentage: {value: 100}}}", 200, 16)]
    public void An_abort_answers_in_the_place_of_the_service(string fault, int status, int? grpc)
    {
        var reply = Compile(fault)!.DrawAbort(new Random(1));
        Assert.Equal((status, grpc, "fault filter abort", ResponseFlags.FI, "fault_filter_abort"),
            (reply!.Status, reply.Grpc, reply.Body, reply.Flags, reply.Details));
    }

    [Theory]
    [InlineData("{abort: {httpStatus: 503}}")]
    [InlineData("{abort: {httpStatus: 503, percentage: {}}}")]
    [InlineData("{abort: {httpStatus: 503, percentage: {value: 0}}}")]
    [InlineData("{delay: {fixedDelay: 5s}}")]
    // Less than a millisecond is no delay; less than a millionth is no share.
    [InlineData("{delay: {fixedDelay: 999us, percentage: {value: 100}}}")]
    [InlineData("{delay: {fixedDelay: 1s, percentage: {value: 0.00009}}}")]
    [InlineData("{}")]
    public void Without_a_share_nothing_happens(string fault) => Assert.Null(Compile(fault));

    [Theory]
    [InlineData("{delay: {exponentialDelay: 1s, percentage: {value: 100}}}", "spec.http[0].fault.delay")]
    [InlineData("{abort: {percentage: {value: 100}}}", "spec.http[0].fault.abort")]
    [InlineData("{abort: {grpcStatus: NOPE, percentage: {value: 100}}}", "spec.http[0].fault.abort")]
    [InlineData("{abort: {http2Error: X, percentage: {value: 100}}}", "spec.http[0].fault.abort")]
    public void What_Istio_leaves_out_is_reported(string fault, string field)
    {
        var findings = new List<Finding>();
        Assert.Null(Compile(fault, findings));
        Assert.Equal(("GWY031", field), (Assert.Single(findings).Code, findings[0].Field));
    }

    [Theory]
    [InlineData("percentage: {value: 10}", 10_000)]
    [InlineData("percentage: {value: 0.1}", 100)]
    [InlineData("percentage: {value: 33.3}", 33_300)]
    [InlineData("percent: 25", 25_000)]
    public void The_share_is_drawn_for_each_request(string share, int expected)
    {
        var policy = Compile($"{{delay: {{fixedDelay: 7ms, {share}}}}}")!;
        var random = new Random(1);
        var delayed = Enumerable.Range(0, 100_000).Count(_ => policy.DrawDelay(random) == TimeSpan.FromMilliseconds(7));
        // Five standard deviations of a binomial distribution.
        Assert.InRange(delayed, expected - (5 * Math.Sqrt(expected)), expected + (5 * Math.Sqrt(expected)));
    }

    [Fact]
    public void The_newer_percentage_counts_where_both_are_written() =>
        Assert.Null(Compile("{delay: {fixedDelay: 5s, percent: 100, percentage: {value: 0}}}"));

    [Fact]
    public void Delay_and_abort_are_drawn_independently()
    {
        var policy = Compile("{delay: {fixedDelay: 1s, percentage: {value: 50}}, abort: {httpStatus: 500, percentage: {value: 50}}}")!;
        var random = new Random(1);
        var outcomes = Enumerable.Range(0, 10_000)
            .Select(_ => (policy.DrawDelay(random) > TimeSpan.Zero, policy.DrawAbort(random) is not null))
            .CountBy(outcome => outcome).ToDictionary();
        Assert.All(outcomes.Values, count => Assert.InRange(count, 2300, 2700));
        Assert.Equal(4, outcomes.Count);
    }

    [Fact]
    public async Task A_delay_passes_in_the_gateways_time_and_then_comes_the_abort()
    {
        using var mesh = new PolicyMesh();
        var fault = Compile("{delay: {fixedDelay: 5s, percentage: {value: 100}}, abort: {httpStatus: 500, percentage: {value: 100}}}");
        var context = new PolicyContext(PolicyMesh.Request()) { Route = new RouteScope("ping", "", fault, null) };
        var answer = mesh.Chain("", PolicyMesh.Gateway).EvaluateAsync(context, TestContext.Current.CancellationToken).AsTask();
        mesh.Time.Advance(TimeSpan.FromMilliseconds(4999));
        Assert.False(answer.IsCompleted);
        mesh.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(500, (await answer)!.Status);
        Assert.Equal(ResponseFlags.DI, context.Flags);
    }

    [Fact]
    public async Task A_client_that_goes_away_ends_its_delay()
    {
        using var mesh = new PolicyMesh();
        using var gone = new CancellationTokenSource();
        var fault = Compile("{delay: {fixedDelay: 5s, percentage: {value: 100}}}");
        var context = new PolicyContext(PolicyMesh.Request()) { Route = new RouteScope("ping", "", fault, null) };
        var answer = mesh.Chain("", PolicyMesh.Gateway).EvaluateAsync(context, gone.Token).AsTask();
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
    }

    [Fact]
    public void A_request_without_faults_is_not_flagged()
    {
        using var mesh = new PolicyMesh();
        var context = new PolicyContext(PolicyMesh.Request());
        Assert.Null(PolicyMesh.Evaluate(mesh.Chain("", PolicyMesh.Gateway), context));
        Assert.Equal(ResponseFlags.None, context.Flags);
    }
}
