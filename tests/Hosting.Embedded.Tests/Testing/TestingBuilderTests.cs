using System.Net;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Hosting.Embedded.Tests.Testing;

public class TestingBuilderTests
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(2);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Written as the integration test of Aspire's starter template is, but for names.</summary>
    [Fact]
    public async Task GetWebResourceRootReturnsOkStatusCode()
    {
        // Arrange
        var cancellationToken = TestContext.Current.CancellationToken;
        var appHost =
            await DistributedApplicationTestingBuilder.CreateAsync<global::Projects.TestAppHost>(["--case=web"], cancellationToken);
        appHost.Services.AddLogging(logging =>
        {
            logging.SetMinimumLevel(LogLevel.Debug);
            logging.AddFilter(appHost.Environment.ApplicationName, LogLevel.Debug);
            logging.AddFilter("Aspire.", LogLevel.Debug);
        });
        appHost.Services.ConfigureHttpClientDefaults(clientBuilder =>
        {
            clientBuilder.AddStandardResilienceHandler();
        });

        await using var app = await appHost.BuildAsync(cancellationToken).WaitAsync(DefaultTimeout, cancellationToken);
        await app.StartAsync(cancellationToken).WaitAsync(DefaultTimeout, cancellationToken);

        // Act
        using var httpClient = app.CreateHttpClient("web");
        await app.ResourceNotifications.WaitForResourceHealthyAsync("web", cancellationToken).WaitAsync(DefaultTimeout, cancellationToken);
        using var response = await httpClient.GetAsync("/", cancellationToken);

        // Assert
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task A_project_runs_with_its_profile_on_a_port_of_its_own_and_one_environment_per_replica()
    {
        var appHost = await DistributedApplicationTestingBuilder.CreateAsync<global::Projects.TestAppHost>(["--case=web", "--replicas=2"], Cancellation);
        await using var app = await appHost.BuildAsync(Cancellation);
        await app.StartAsync(Cancellation);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("web", Cancellation);
        Assert.NotEqual(5480, app.GetEndpoint("web").Port);
        Assert.Equal(app.GetEndpoint("web"), app.GetEndpoint("web", "http"));

        using var client = app.CreateHttpClient("web");
        Assert.Equal("yes", await client.GetStringAsync("/environment/FROM_PROFILE", Cancellation));
        var instances = new HashSet<string>();
        foreach (var id in Assert.Single(appHost.Resources.OfType<ProjectResource>()).GetResourceIds())
        {
            Assert.True(app.ResourceNotifications.TryGetCurrentState(id, out var replica));
            instances.Add(replica.Snapshot.EnvironmentVariables.Single(v => v.Name == "OTEL_RESOURCE_ATTRIBUTES").Value!);
        }

        Assert.Equal(2, instances.Count);
    }

    [Fact]
    public async Task Applications_run_side_by_side()
    {
        var apps = await Task.WhenAll(Enumerable.Range(0, 4).Select(async i =>
        {
            var appHost = await DistributedApplicationTestingBuilder.CreateAsync<global::Projects.TestAppHost>(["--case=parameters", $"--Parameters:missing={i}"], Cancellation);
            var app = await appHost.BuildAsync(Cancellation);
            await app.StartAsync(Cancellation);
            return app;
        }));
        for (var i = 0; i < apps.Length; i++)
        {
            await using var app = apps[i];
            await app.ResourceNotifications.WaitForResourceHealthyAsync("missing", Cancellation);
            Assert.True(app.ResourceNotifications.TryGetCurrentState("missing", out var e));
            Assert.Equal($"{i}", e.Snapshot.Properties.Single(p => p.Name == "Value").Value);
            Assert.Equal("Server=localhost", await app.GetConnectionStringAsync("db", Cancellation));
        }
    }

    [Fact]
    public async Task The_model_may_be_looked_at_and_changed_before_it_is_built()
    {
        await using var appHost = await DistributedApplicationTestingBuilder.CreateAsync(typeof(global::Projects.TestAppHost), ["--case=parameters"], Cancellation);
        Assert.Equal(("TestAppHost", "TestAppHost"), (appHost.Environment.ApplicationName, appHost.AppHostAssembly!.GetName().Name));
        Assert.Equal(global::Projects.TestAppHost.ProjectPath, appHost.AppHostDirectory);
        Assert.Equal(global::Projects.TestAppHost.ProjectPath, appHost.Environment.ContentRootPath);
        Assert.Equal(["greeting", "missing", "db", "server"], appHost.Resources
            .Select(r => r.Name).Order(Comparer<string>.Create((a, b) => Index(a) - Index(b))));
        appHost.AddParameter("added", "by the test");
        await using var app = await appHost.BuildAsync(Cancellation);
        await app.StartAsync(Cancellation);
        Assert.Equal("by the test", await app.Services.GetRequiredService<DistributedApplicationModel>().Resources.OfType<ParameterResource>().Single(p => p.Name == "added").GetValueAsync(Cancellation));

        static int Index(string name) => Array.IndexOf(["greeting", "missing", "db", "server"], name);
    }

    [Fact]
    public async Task Options_and_settings_may_be_changed_before_the_model_is_declared()
    {
        await using var appHost = await DistributedApplicationTestingBuilder.CreateAsync<global::Projects.TestAppHost>(
            ["--case=none"],
            (options, settings) =>
            {
                Assert.True(options.DisableDashboard);
                Assert.True(options.EnableResourceLogging);
                options.DisableDashboard = false;
                settings.EnvironmentName = "Staging";
            },
            Cancellation);
        Assert.Equal("Staging", appHost.Environment.EnvironmentName);
        await using var app = await appHost.BuildAsync(Cancellation);
        Assert.False(app.Services.GetRequiredService<DistributedApplicationOptions>().DisableDashboard);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_dashboard_may_be_asked_for(bool enable)
    {
        var options = new DistributedApplicationTestingBuilderOptions { EnableDashboard = enable };
        await using var appHost = await DistributedApplicationTestingBuilder.CreateAsync<global::Projects.TestAppHost>(options, ["--case=none"], Cancellation);
        await using var app = await appHost.BuildAsync(Cancellation);
        Assert.Equal(!enable, app.Services.GetRequiredService<DistributedApplicationOptions>().DisableDashboard);
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => app.GetDashboardUrlAsync(Cancellation));
        Assert.Equal(
            enable ? "The application has not been started; call StartAsync first." : "The dashboard is off; set " +
                "DistributedApplicationTestingBuilderOptions.EnableDashboard.",
            exception.Message);
    }

    [Theory]
    [InlineData("declaration-fails", "create", typeof(DistributedApplicationException), "The declaration failed; change it.")]
    [InlineData("invalid-name", "create", typeof(ArgumentException), "Resource name '-invalid' is invalid. Name must start with an ASCII letter. (Parameter 'name')")]
    [InlineData("unexpected", "create", typeof(FormatException), "A bug of the AppHost.")]
    [InlineData("no-builder", "create", typeof(InvalidOperationException), "The entry point of 'TestAppHost' ended without building a distributed application.")]
    [InlineData("build-fails", "build", typeof(DistributedApplicationException), "Resource 'web' has 0 replicas; give it 1 or more with WithReplicas, or do not add it at all.")]
    [InlineData("start-fails", "start", typeof(DistributedApplicationException), "The start failed; try again.")]
    [InlineData("start-fails-and-is-caught", "start", typeof(DistributedApplicationException), "The start failed; try again.")]
    [InlineData("build-only", "start", typeof(InvalidOperationException), "The entry point of 'TestAppHost' ended without starting the application it built.")]
    public async Task An_error_reaches_the_call_that_waits(string @case, string call, Type type, string message)
    {
        var reached = "create";
        var exception = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using var appHost = await DistributedApplicationTestingBuilder.CreateAsync<global::Projects.TestAppHost>([$"--case={@case}"], Cancellation);
            reached = "build";
            await using var app = await appHost.BuildAsync(Cancellation);
            reached = "start";
            await app.StartAsync(Cancellation);
        });
        Assert.Equal((call, type, message), (reached, exception.GetType(), exception.Message));
    }

    [Fact]
    public async Task A_type_without_an_entry_point_is_refused()
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(
            () => DistributedApplicationTestingBuilder.CreateAsync<DistributedApplication>(Cancellation));
        Assert.Equal(
            "The assembly 'Hosting.Embedded' of Aspire.Hosting.DistributedApplication has no entry point; name a type of the AppHost.",
            exception.Message);
    }

    [Fact]
    public async Task An_empty_argument_is_refused() =>
        await Assert.ThrowsAsync<ArgumentException>(() => DistributedApplicationTestingBuilder.CreateAsync<global::Projects.TestAppHost>([""], Cancellation));

    [Fact]
    public async Task Waiting_may_be_cancelled() => await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
        DistributedApplicationTestingBuilder.CreateAsync<global::Projects.TestAppHost>(["--case=none"], new CancellationToken(canceled: true)));

    [Theory]
    [InlineData("none")]
    [InlineData("async")]
    public async Task An_application_is_stopped_and_disposed_as_often_as_one_likes(string @case)
    {
        await using var appHost = await DistributedApplicationTestingBuilder.CreateAsync<global::Projects.TestAppHost>([$"--case={@case}"], Cancellation);
        var app = await appHost.BuildAsync(Cancellation);
        await app.StartAsync(Cancellation);
        var lifetime = app.Services.GetRequiredService<IHostApplicationLifetime>();
        Assert.True(lifetime.ApplicationStarted.IsCancellationRequested);
        await app.StopAsync(Cancellation);
        Assert.True(lifetime.ApplicationStopped.IsCancellationRequested);
        await app.StopAsync(Cancellation);
        await app.DisposeAsync();
        await app.DisposeAsync();
        app.Dispose();
        appHost.Dispose();
    }

    [Fact]
    public async Task Running_lasts_until_it_is_cancelled()
    {
        await using var appHost = await DistributedApplicationTestingBuilder.CreateAsync<global::Projects.TestAppHost>(["--case=none"], Cancellation);
        await using var app = await appHost.BuildAsync(Cancellation);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var run = app.RunAsync(stop.Token);
        var started = new TaskCompletionSource();
        await using var _ = app.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(Cancellation);
        Assert.False(run.IsCompleted);
        await stop.CancelAsync();
        await run;
    }

    [Theory]
    [InlineData("before it is built")]
    [InlineData("before it is started")]
    public async Task What_is_not_used_is_disposed(string when)
    {
        var appHost = await DistributedApplicationTestingBuilder.CreateAsync<global::Projects.TestAppHost>(["--case=none"], Cancellation);
        var disposed = new Disposable();
        appHost.Services.AddSingleton(_ => disposed);
        if (when == "before it is started")
        {
            var app = await appHost.BuildAsync(Cancellation);
            Assert.Same(disposed, app.Services.GetRequiredService<Disposable>());
            await app.DisposeAsync();
            Assert.True(disposed.IsDisposed);
        }

        await appHost.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => appHost.BuildAsync(Cancellation));
    }

    [Fact]
    public async Task Resources_are_reached_after_the_start_and_by_their_names()
    {
        await using var appHost = await DistributedApplicationTestingBuilder.CreateAsync<global::Projects.TestAppHost>(["--case=parameters"], Cancellation);
        await using var app = await appHost.BuildAsync(Cancellation);
        Assert.Equal("The application has not been started; call StartAsync " +
            "first.", Assert.Throws<InvalidOperationException>(() => app.GetEndpoint("db")).Message);
        await app.StartAsync(Cancellation);
        Assert.StartsWith("Resource 'nobody' not found.", Assert.Throws<ArgumentException>(() => app.CreateHttpClient("nobody")).Message, StringComparison.Ordinal);
        Assert.StartsWith("Resource 'db' has no allocated endpoints.", Assert.Throws<ArgumentException>(() => app.GetEndpoint("db")).Message, StringComparison.Ordinal);
        Assert.StartsWith(
            "Resource 'greeting' does not expose a connection string.",
            (await Assert.ThrowsAsync<ArgumentException>(async () => await app.GetConnectionStringAsync("greeting", Cancellation))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_factory_takes_part_in_the_construction()
    {
        await using var factory = new Factory();
        Assert.Throws<InvalidOperationException>(() => factory.GetEndpoint("db"));
        await factory.StartAsync(Cancellation);
        Assert.Equal(["creating", "created 0", "building 4", "built"], factory.Log);
        Assert.Equal("Server=localhost", await factory.GetConnectionString("db"));
        await factory.DisposeAsync();
        await factory.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => factory.StartAsync(Cancellation));
    }

    [Fact]
    public async Task A_test_may_declare_the_application_itself()
    {
        await using var builder = DistributedApplicationTestingBuilder.Create("--Parameters:a=1");
        builder.AddParameter("a");
        await using var app = await builder.BuildAsync(Cancellation);
        await app.StartAsync(Cancellation);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("a", Cancellation);
        await app.StopAsync(Cancellation);
    }

    private sealed class Disposable : IDisposable
    {
        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }

    private sealed class Factory() : DistributedApplicationFactory(typeof(global::Projects.TestAppHost), ["--case=parameters"])
    {
        public List<string> Log { get; } = [];

        protected override void OnBuilderCreating(
            DistributedApplicationOptions applicationOptions,
            HostApplicationBuilderSettings hostOptions) => Log.Add("creating");

        protected override void OnBuilderCreated(DistributedApplicationBuilder applicationBuilder) =>
            Log.Add($"created {applicationBuilder.Resources.Count}");

        protected override void OnBuilding(DistributedApplicationBuilder applicationBuilder) =>
            Log.Add($"building {applicationBuilder.Resources.Count}");

        protected override void OnBuilt(DistributedApplication application) => Log.Add("built");
    }
}
