using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Hosting.Embedded.Tests.Connections;

public class ConnectionTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_connection_string_runs_when_what_it_is_made_of_runs()
    {
        var builder = TestModel.Run("--Parameters:password=p");
        var server = builder.AddResource(new CustomResource("server")).WithHttpEndpoint();
        var password = builder.AddParameter("password", secret: true);
        var db = builder.AddConnectionString("db", e => e.Append($"Server={server.GetEndpoint("http").Property(EndpointProperty.HostAndPort)};Password={password}"));
        var available = new TaskCompletionSource();
        db.OnConnectionStringAvailable((_, _, _) =>
        {
            available.SetResult();
            return Task.CompletedTask;
        });
        await using var app = builder.Build();
        await app.StartAsync(Cancellation);
        await app.ResourceNotifications.WaitForResourceAsync("db", KnownResourceStates.Waiting, Cancellation);
        server.Allocate("http", 5000);
        await app.ResourceNotifications.PublishUpdateAsync(server.Resource, s => s with { State = KnownResourceStates.Running });
        await app.ResourceNotifications.WaitForResourceHealthyAsync("db", Cancellation);
        await available.Task;
        Assert.Equal("Server=localhost:5000;Password=p", await app.GetConnectionStringAsync("db", Cancellation));
        Assert.Equal("{db.connectionString}", ((IManifestExpressionProvider)db.Resource).ValueExpression);
        Assert.True(ValueResolver.ContainsSecret(new ConnectionStringReference(db.Resource, optional: false)));
    }

    [Fact]
    public async Task An_external_service_runs_and_one_with_a_wrong_URL_fails()
    {
        var builder = TestModel.Run("--Parameters:url=not a url");
        builder.AddExternalService("good", "https://example.com/api");
        builder.AddExternalService("bad", builder.AddParameter("url"));
        await using var app = builder.Build();
        await app.StartAsync(Cancellation);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("good", Cancellation);
        await app.ResourceNotifications.WaitForResourceAsync("bad", KnownResourceStates.FailedToStart, Cancellation);
        Assert.True(app.ResourceNotifications.TryGetCurrentState("good", out var good));
        Assert.Equal("https://example.com/api", Assert.Single(good.Snapshot.Urls).Url);
        var log = app.Services.GetRequiredService<ResourceLoggerService>().GetAllAsync("bad").ToBlockingEnumerable(Cancellation)
            .SelectMany(l => l);
        Assert.Contains(log, l => l.Content.Contains("The URL parameter 'url' of external service 'bad' is invalid: it must be " +
            "absolute.", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(null, "api_external_200_check")]
    [InlineData("/health", "api_external_/health_200_check")]
    public void The_check_of_an_external_service_is_named_as_Aspires(string? path, string key)
    {
        var api = TestModel.Run().AddExternalService("api", "https://example.com").WithHttpHealthCheck(path);
        Assert.Equal(key, Assert.Single(api.Resource.Annotations.OfType<HealthCheckAnnotation>()).Key);
    }

    [Fact]
    public void Only_http_services_can_be_checked() => Assert.StartsWith(
        "The URL 'tcp://example.com/' for external service 'api' cannot be used for HTTP health checks because it has a non-HTTP scheme.",
        Assert.Throws<ArgumentException>(() => TestModel.Run().AddExternalService("api", "tcp://example.com").WithHttpHealthCheck()).Message,
        StringComparison.Ordinal);
}
