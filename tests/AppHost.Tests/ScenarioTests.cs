using Istio.Documents;
using Istio.Networking;
using Istio.Validation;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AppHost.Tests;

/// <summary>What the AppHost declares for Istio, read from the documents that the gateway is given.</summary>
public class ScenarioTests(PingSystem system)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Without_a_scenario_Istio_s_route_is_the_Ingress_s_with_a_timeout_retries_and_an_ejection_that_can_happen()
    {
        var documents = Documents(system.App);

        Assert.Empty(Validator.Validate(documents));
        var route = Assert.Single(Only<VirtualService>(documents).Spec.Http);
        Assert.Equal("(?i)/api/v1(/.*)?", Assert.Single(route.Match).Uri!.Regex);
        Assert.Equal(@"/\2", route.Rewrite!.UriRegexRewrite!.Rewrite);
        Assert.Equal(TimeSpan.FromSeconds(10), route.Timeout);
        Assert.Equal("connect-failure,refused-stream,reset", route.Retries!.RetryOn);
        Assert.Null(route.Fault);
        var policy = Only<DestinationRule>(documents).Spec.TrafficPolicy!;
        Assert.Equal("ROUND_ROBIN", policy.LoadBalancer!.Simple);
        Assert.InRange(policy.OutlierDetection!.MaxEjectionPercent!.Value, 34, 100);
        Assert.Equal(3, documents.OfType<WorkloadEntry>().Count());
    }

    [Fact]
    public async Task Canary_runs_another_version_for_a_tenth_of_the_requests_and_for_those_that_ask()
    {
        await using var app = await StartAsync("canary");

        var documents = Documents(app);

        Assert.Empty(Validator.Validate(documents));
        var routes = Only<VirtualService>(documents).Spec.Http;
        Assert.Equal("true", Assert.Single(routes[0].Match).Headers["x-canary"].Exact);
        Assert.Equal("v2", Assert.Single(routes[0].Route).Destination!.Subset);
        Assert.Equal([("v1", 90), ("v2", 10)], routes[1].Route.Select(share => (share.Destination!.Subset!, (int)share.Weight!)));
        Assert.Equal(["v1", "v1", "v1", "v2"],
            documents.OfType<WorkloadEntry>().Select(entry => entry.Resource.Spec.Labels["version"]).Order());

        // The gateway waits for ping; of the other version it reads when that is in the folder.
        var door = app.GetEndpoint("gateway", "istio");
        await Eventually.TrueAsync(
            async () => (await AnswerAsync(door, ("x-canary", "true"))).StartsWith("ping-v2-", StringComparison.Ordinal),
            "the gateway knows the other version",
            Cancellation);
        var asked = await AskAsync(10, () => system.InstanceAsync(door, "api/v1/ping", Cancellation, headers: ("x-canary", "true")));
        Assert.All(asked, instance => Assert.StartsWith("ping-v2-", instance, StringComparison.Ordinal));

        // Chance decides: of 300 a tenth is 30, and outside of these bounds it is less often than once in a million runs.
        var others = await AskAsync(300, () => system.InstanceAsync(door, "api/v1/ping", Cancellation));
        Assert.InRange(others.Count(instance => instance.StartsWith("ping-v2-", StringComparison.Ordinal)), 5, 65);
        Assert.Equal(4, others.Distinct().Count());
    }

    [Fact]
    public async Task Chaos_delays_and_aborts_requests_and_registers_a_workload_where_nobody_listens()
    {
        await using var app = await StartAsync("chaos");

        var documents = Documents(app);

        // The traps that the scenario shows are warnings.
        Assert.All(Validator.Validate(documents), finding => Assert.Equal(("MESH008", Severity.Warning), (finding.Code, finding.Severity)));
        var fault = Assert.Single(Only<VirtualService>(documents).Spec.Http).Fault!;
        Assert.Equal((20, 10), (fault.Delay!.Percentage!.Value, fault.Abort!.Percentage!.Value));
        Assert.Equal(["broken", "v1", "v1", "v1"],
            documents.OfType<WorkloadEntry>().Select(entry => entry.Resource.Spec.Labels["version"]).Order());

        // Aborted is what the rule aborts, a tenth; the broken release costs nobody an answer.
        var answers = await AskAsync(200, () => AnswerAsync(app.GetEndpoint("gateway", "istio")));
        Assert.All(answers, answer => Assert.True(
            answer.StartsWith("ping-", StringComparison.Ordinal) || answer == "503: fault filter abort", answer));
        Assert.DoesNotContain(answers, answer => answer.StartsWith("ping-broken", StringComparison.Ordinal));
        Assert.InRange(answers.Count(answer => answer == "503: fault filter abort"), 1, 60);
    }

    [Fact]
    public async Task A_scenario_that_does_not_exist_is_refused_with_those_that_do()
    {
        var error = await Assert.ThrowsAsync<DistributedApplicationException>(
            () => DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(["--Scenario=blue-green"], Cancellation));

        Assert.Equal("There is no scenario 'blue-green': use --Scenario=canary or --Scenario=chaos, or leave it out.", error.Message);
    }

    private async Task<string> AnswerAsync(Uri door, params (string Name, string Value)[] headers)
    {
        try
        {
            return await system.InstanceAsync(door, "api/v1/ping", Cancellation, headers: headers);
        }
        catch (HttpRequestException error)
        {
            return error.Message;
        }
    }

    /// <summary>Asks so many times, ten at a time.</summary>
    private static async Task<List<string>> AskAsync(int times, Func<Task<string>> ask)
    {
        var answers = new List<string>();
        foreach (var batch in Enumerable.Range(0, times).Chunk(10))
        {
            answers.AddRange(await Task.WhenAll(batch.Select(_ => ask())));
        }

        return answers;
    }

    private static async Task<DistributedApplication> StartAsync(string scenario)
    {
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>([$"--Scenario={scenario}"], Cancellation);
        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Error));
        var app = await builder.BuildAsync(Cancellation);
        await app.StartAsync(Cancellation);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("gateway", Cancellation);
        foreach (var resource in app.Services.GetRequiredService<DistributedApplicationModel>().Resources.OfType<ProjectResource>())
        {
            // Healthy for those that wait for it means that all its replicas are in the folder.
            await app.ResourceNotifications.WaitForResourceHealthyAsync(resource.Name, Cancellation);
        }

        return app;
    }

    private static ResourceSet Documents(DistributedApplication app) =>
        app.ResourceNotifications.TryGetCurrentState("mesh", out var mesh)
            ? ResourceReader.ReadPaths([(string)mesh.Snapshot.Properties.Single(property => property.Name == "mesh.folder").Value!])
            : throw new InvalidOperationException("The mesh has no state.");

    private static T Only<T>(ResourceSet documents) => Assert.Single(documents.OfType<T>()).Resource;
}
