using System.Net;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;

namespace Hosting.Embedded.Tests.Commands;

public class CommandTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("ping", "reset", true, null, "ping")]
    [InlineData("PING", "RESET", true, null, "ping")]
    [InlineData("ping", "unknown", false, "Command 'unknown' not available for resource 'ping'.")]
    [InlineData("nobody", "reset", false, "Resource 'nobody' not found.")]
    [InlineData("ping", "throws", false, "no luck")]
    public async Task A_command_is_given_by_name(string resource, string command, bool success, string? message, params string[] executed)
    {
        var log = new List<string>();
        var builder = TestModel.Run();
        builder.AddResource(new CustomResource("ping"))
            .WithCommand("reset", "Reset", _ => throw new InvalidOperationException("replaced"))
            .WithCommand("reset", "Reset", context =>
            {
                log.Add(context.ResourceName);
                return Task.FromResult(CommandResults.Success());
            })
            .WithCommand("throws", "Throws", _ => throw new FormatException("no luck"));
        await using var app = builder.Build();
        var result = await app.ResourceCommands.ExecuteCommandAsync(resource, command, Cancellation);
        Assert.Equal((success, message), (result.Success, result.Message));
        Assert.Equal(executed, log);
    }

    [Fact]
    public async Task A_command_for_a_resource_goes_to_each_replica_and_one_for_a_replica_to_that()
    {
        var log = new List<string>();
        var builder = TestModel.Run();
        var ping = builder.AddResource(new CustomResource("ping")).WithAnnotation(new ReplicaNamesAnnotation(["ping-a", "ping-b"]))
            .WithCommand("reset", "Reset", context =>
            {
                lock (log)
                {
                    log.Add(context.ResourceName);
                }

                return Task.FromResult(context.ResourceName == "ping-b" ? CommandResults.Failure("busy") : CommandResults.Success());
            });
        await using var app = builder.Build();
        await app.ResourceNotifications.PublishUpdateAsync(ping.Resource, s => s with { State = "Running" });
        Assert.True((await app.ResourceCommands.ExecuteCommandAsync("ping-a", "reset", Cancellation)).Success);
        var result = await app.ResourceCommands.ExecuteCommandAsync("ping", "reset", Cancellation);
        Assert.Equal((false, "1 of 2 command executions failed: ping-b: busy"), (result.Success, result.Message));
        Assert.Equal(["ping-a", "ping-a", "ping-b"], log.Order());
    }

    [Fact]
    public async Task A_command_may_be_cancelled()
    {
        var builder = TestModel.Run();
        builder.AddResource(new CustomResource("ping")).WithCommand("wait", "Wait", async context =>
        {
            await Task.FromCanceled(context.CancellationToken);
            return CommandResults.Success();
        });
        await using var app = builder.Build();
        var result = await app.ResourceCommands.ExecuteCommandAsync("ping", "wait", new CancellationToken(canceled: true));
        Assert.Equal((false, true), (result.Success, result.Canceled));
    }

    [Theory]
    [InlineData(200, "text/plain", HttpCommandResultMode.None, true, null, null)]
    [InlineData(200, "text/plain", HttpCommandResultMode.Auto, true, null, CommandResultFormat.Text)]
    [InlineData(200, "application/problem+json", HttpCommandResultMode.Auto, true, null, CommandResultFormat.Json)]
    [InlineData(200, "application/octet-stream", HttpCommandResultMode.Auto, true, null, null)]
    [InlineData(500, "text/plain", HttpCommandResultMode.Text, false, "Request failed with status code InternalServerError", CommandResultFormat.Text)]
    public async Task An_http_command_sends_a_request(
        int status, string contentType, HttpCommandResultMode mode, bool success, string? message, CommandResultFormat? format)
    {
        var server = new Server(status, contentType);
        var (app, ping) = Declare(server, new HttpCommandOptions { ResultMode = mode, PrepareRequest = c => Task.FromResult(c.Request.Headers.TryAddWithoutValidation("X-Key", "1")) });
        await using var _ = app;
        var result = await app.ResourceCommands.ExecuteCommandAsync(ping.Resource, "ping-http-http-post-/reset?hard=1", Cancellation);
        Assert.Equal((success, message, format), (result.Success, result.Message, result.Data?.Format));
        Assert.Equal(format is null ? null : "body", result.Data?.Value);
        Assert.Equal("POST http://localhost:5000/reset?hard=1 1", Assert.Single(server.Requests));
    }

    [Fact]
    public async Task An_http_command_for_a_replica_goes_to_its_own_address()
    {
        var server = new Server(200, "text/plain");
        var (app, ping) = Declare(server, new HttpCommandOptions { Method = HttpMethod.Get, GetCommandResult = c => Task.FromResult(CommandResults.Success($"{(int)c.Response.StatusCode}")) });
        await using var _ = app;
        ping.WithAnnotation(new ReplicaNamesAnnotation(["ping-a", "ping-b"]));
        ping.Allocate("http", 5000, 5001, 5002);
        await app.ResourceNotifications.PublishUpdateAsync(ping.Resource, s => s with { State = "Running" });
        Assert.Equal("200", (await app.ResourceCommands.ExecuteCommandAsync("ping-b", "ping-http-http-get-/reset?hard=1", Cancellation)).Message);
        Assert.Equal("GET http://localhost:5002/reset?hard=1 ", Assert.Single(server.Requests));
    }

    [Fact]
    public async Task An_http_command_is_enabled_while_the_resource_runs_and_needs_an_address()
    {
        var builder = TestModel.Run();
        var ping =
            builder.AddResource(new CustomResource("ping")).WithHttpEndpoint().WithHttpCommand("/reset", "Reset", commandName: "reset");
        await using var app = builder.Build();
        Assert.Equal("Endpoints are not yet allocated.", (await app.ResourceCommands.ExecuteCommandAsync("ping", "reset", Cancellation)).Message);
        foreach (var (state, expected) in new[] { ("Starting", ResourceCommandState.Disabled), ("Running", ResourceCommandState.Enabled) })
        {
            await app.ResourceNotifications.PublishUpdateAsync(ping.Resource, s => s with { State = state });
            Assert.True(app.ResourceNotifications.TryGetCurrentState("ping", out var e));
            Assert.Equal(expected, Assert.Single(e.Snapshot.Commands).State);
        }
    }

    private static (DistributedApplication App, IResourceBuilder<CustomResource> Ping) Declare(Server server, HttpCommandOptions options)
    {
        var builder = DistributedApplication.CreateBuilder();
        builder.Services.AddHttpClient("").ConfigurePrimaryHttpMessageHandler(() => server);
        var ping = builder.AddResource(new CustomResource("ping")).WithHttpEndpoint().WithHttpCommand("/reset?hard=1", "Reset", commandOptions: options);
        var app = builder.Build();
        ping.Allocate("http", 5000);
        return (app, ping);
    }

    private sealed class Server(int status, string contentType) : HttpMessageHandler
    {
        public List<string> Requests { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.TryGetValues("X-Key", out var keys);
            Requests.Add($"{request.Method} {request.RequestUri} {keys?.Single()}");
            return Task.FromResult(new HttpResponseMessage((HttpStatusCode)status)
            {
                Content = new StringContent("body", new System.Net.Http.Headers.MediaTypeHeaderValue(contentType))
            });
        }
    }
}
