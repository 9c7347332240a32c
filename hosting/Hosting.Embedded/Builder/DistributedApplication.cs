using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Lifecycle;
using Aspire.Hosting.Pipelines;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting;

/// <summary>A distributed application: what an AppHost builds, runs and stops.</summary>
public class DistributedApplication : IHost, IAsyncDisposable
{
    private readonly IHost _host;
    private bool _isStarted;
    private bool _isDisposed;

    /// <summary>Wraps the host of an application; <see cref="IDistributedApplicationBuilder.Build" /> does it.</summary>
    /// <param name="host">The host.</param>
    public DistributedApplication(IHost host)
    {
        ArgumentNullException.ThrowIfNull(host);
        _host = host;
    }

    /// <summary>The harness that runs the AppHost's entry point, when a test does.</summary>
    internal EntryPointHook? Hook { get; init; }

    /// <summary>The services of the AppHost.</summary>
    public IServiceProvider Services => _host.Services;

    /// <summary>The states of the resources.</summary>
    public ResourceNotificationService ResourceNotifications => Services.GetRequiredService<ResourceNotificationService>();

    /// <summary>Gives commands to the resources.</summary>
    public ResourceCommandService ResourceCommands => Services.GetRequiredService<ResourceCommandService>();

    /// <summary>Starts the declaration of an application without a command line.</summary>
    /// <returns>The builder.</returns>
    public static IDistributedApplicationBuilder CreateBuilder() => CreateBuilder([]);

    /// <summary>Starts the declaration of an application.</summary>
    /// <param name="args">The command line.</param>
    /// <returns>The builder.</returns>
    public static IDistributedApplicationBuilder CreateBuilder(string[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        return CreateBuilder(new DistributedApplicationOptions { Args = args });
    }

    /// <summary>Starts the declaration of an application.</summary>
    /// <param name="options">How it is built.</param>
    /// <returns>The builder.</returns>
    public static IDistributedApplicationBuilder CreateBuilder(DistributedApplicationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new DistributedApplicationBuilder(options);
    }

    /// <summary>
    /// Starts the application and returns when the start is under way; wait for resources with <see cref="ResourceNotifications" />.
    /// </summary>
    /// <param name="cancellationToken">Gives up the start.</param>
    /// <returns>A task that ends when the start is under way.</returns>
    /// <exception cref="DistributedApplicationException">The application cannot be started.</exception>
    public virtual async Task StartAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            if (Hook is not null)
            {
                await Hook.OnStartingAsync(cancellationToken);
            }

            await PrepareAsync(cancellationToken);
            _isStarted = true;
            await _host.StartAsync(cancellationToken);
            Hook?.OnStarted(failure: null);
        }
        catch (Exception exception) when (Hook is not null)
        {
            Hook.OnStarted(exception);
            throw;
        }
    }

    /// <summary>Stops the application and all its resources.</summary>
    /// <param name="cancellationToken">Ends the wait for resources to stop by themselves.</param>
    /// <returns>A task that ends when all have stopped.</returns>
    public virtual Task StopAsync(CancellationToken cancellationToken = default) => _host.StopAsync(cancellationToken);

    /// <summary>Starts the application, waits until it is told to stop (Ctrl+C, SIGTERM, or the end of publishing) and stops it.</summary>
    /// <param name="cancellationToken">Tells it to stop.</param>
    /// <returns>A task that ends when all have stopped.</returns>
    /// <exception cref="DistributedApplicationException">The application cannot be started.</exception>
    public virtual async Task RunAsync(CancellationToken cancellationToken = default)
    {
        var lifetime = Services.GetRequiredService<IHostApplicationLifetime>();
        try
        {
            await StartAsync(cancellationToken);
            await _host.WaitForShutdownAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // Stopped while it was starting.
        }
        finally
        {
            await DisposeAsync();
        }
    }

    /// <inheritdoc cref="RunAsync" />
    public void Run() => RunAsync().GetAwaiter().GetResult();

    /// <summary>Stops what is still running and frees everything.</summary>
    public virtual void Dispose()
    {
        DisposeAsync().AsTask().GetAwaiter().GetResult();
        GC.SuppressFinalize(this);
    }

    /// <summary>Stops what is still running and frees everything.</summary>
    /// <returns>A task that ends when all is freed.</returns>
    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        if (_isStarted && !Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopped.IsCancellationRequested)
        {
            await _host.StopAsync();
        }

        if (_host is IAsyncDisposable asyncDisposable)
        {
            await asyncDisposable.DisposeAsync();
        }
        else
        {
            _host.Dispose();
        }
    }

    private async Task PrepareAsync(CancellationToken cancellationToken)
    {
        var eventing = Services.GetRequiredService<IDistributedApplicationEventing>();
        var executionContext = Services.GetRequiredService<DistributedApplicationExecutionContext>();
        foreach (var subscriber in Services.GetServices<IDistributedApplicationEventingSubscriber>())
        {
            await subscriber.SubscribeAsync(eventing, executionContext, cancellationToken);
        }

        var model = Services.GetRequiredService<DistributedApplicationModel>();
        await eventing.PublishAsync(new BeforeStartEvent(Services, model), cancellationToken);
        if (Services.GetRequiredService<IDistributedApplicationPipeline>() is DistributedApplicationPipeline pipeline)
        {
            var logger = Services.GetRequiredService<ILogger<DistributedApplication>>();
            await pipeline.ExecuteAsync(
                WellKnownPipelineSteps.BeforeStart,
                new PipelineContext(model, executionContext, Services, logger, cancellationToken));
        }

        // Handlers may have changed the model.
        ModelValidator.Validate(model.Resources, executionContext);
    }

    Task IHost.StartAsync(CancellationToken cancellationToken) => StartAsync(cancellationToken);

    Task IHost.StopAsync(CancellationToken cancellationToken) => StopAsync(cancellationToken);
}
