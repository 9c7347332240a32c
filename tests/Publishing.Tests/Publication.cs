using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Publishing.Tests;

/// <summary>Publishes an application in this process.</summary>
internal static class Publication
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Runs the AppHost of this repository, with a step of its pipeline.</summary>
    public static async Task RunAppHostAsync(string step, string output, params string[] arguments)
    {
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(
            ["--operation", "publish", "--step", step, $"--AspirateOutput={output}", .. arguments], Cancellation);
        await RunAsync(builder);
    }

    /// <summary>Runs an AppHost that is to publish.</summary>
    public static async Task RunAsync(IDistributedApplicationTestingBuilder builder)
    {
        using var errors = new PublishErrors();
        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning).AddProvider(errors));
        await using var app = await builder.BuildAsync(Cancellation);
        await RunAsync(app, errors);
    }

    /// <summary>Starts the declaration of another application, whose aspirate.json uses the templates of this repository.</summary>
    public static IDistributedApplicationBuilder Declare(TemporaryFolder folder, string step, params string[] arguments)
    {
        var templates = Path.Combine(Repository.Root, "AppHost", "aspirate-templates").Replace('\\', '/');
        folder.Write("AppHost/aspirate.json", $$"""{ "TemplatePath": "{{templates}}", "ContainerSettings": { "Registry": "registry.example.com", "Tags": [ "1.2" ] } }""");
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions
        {
            Args = ["--operation", "publish", "--step", step, .. arguments],
            DisableDashboard = true,
            ProjectDirectory = folder.File("AppHost"),
        });
        return builder;
    }

    /// <summary>A project on disk.</summary>
    public static IResourceBuilder<ProjectResource> AddProject(this IDistributedApplicationBuilder builder, TemporaryFolder folder, string name, string properties = "") =>
        builder.AddProject(name, folder.Write($"{name}/{name}.csproj", $"<Project><PropertyGroup>{properties}</PropertyGroup></Project>"));

    public static async Task PublishAsync(this IDistributedApplicationBuilder builder)
    {
        using var errors = new PublishErrors();
        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning).AddProvider(errors));
        await using var app = builder.Build();
        await RunAsync(app, errors);
    }

    public static async Task<string> ErrorAsync(this IDistributedApplicationBuilder builder) =>
        (await Assert.ThrowsAnyAsync<DistributedApplicationException>(builder.PublishAsync)).Message;

    private static async Task RunAsync(DistributedApplication app, PublishErrors errors)
    {
        // Asked for now: a test's AppHost that has published is gone.
        var stopping = new TaskCompletionSource();
        await using var registration = app.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(stopping.SetResult);
        await app.StartAsync(Cancellation);
        await stopping.Task.WaitAsync(Cancellation);
        if (errors.First is { } error)
        {
            throw error;
        }
    }

    /// <summary>What failed in the pipeline: the embedded engine throws it, Aspire's publishes in the background and logs it.</summary>
    private sealed class PublishErrors : ILoggerProvider, ILogger
    {
        public DistributedApplicationException? First { get; private set; }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            for (var cause = exception; cause is not null && First is null; cause = cause.InnerException)
            {
                // Around it are the pipeline's own words.
                First = cause is DistributedApplicationException ours && ours.InnerException is not DistributedApplicationException ? ours : null;
            }
        }

        public void Dispose()
        {
        }
    }
}
