using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Pipelines;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

/// <summary>Holds the AppHost's entry point where it builds the application until the test says so.</summary>
internal sealed class SuspendingApplicationFactory : DistributedApplicationFactory
{
    private readonly Action<DistributedApplicationOptions, HostApplicationBuilderSettings> _configureBuilder;
    private readonly ManualResetEventSlim _mayBuild = new();

    public SuspendingApplicationFactory(
        Type entryPoint,
        string[] args,
        Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configureBuilder) : base(entryPoint, args)
    {
        ArgumentNullException.ThrowIfNull(configureBuilder);
        _configureBuilder = configureBuilder;
    }

    public async Task<IDistributedApplicationTestingBuilder> CreateBuilderAsync(CancellationToken cancellationToken) =>
        new Builder(this, await ResolveBuilderAsync(cancellationToken));

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _mayBuild.Dispose();
    }

    protected override void OnBuilderCreating(
        DistributedApplicationOptions applicationOptions,
        HostApplicationBuilderSettings hostOptions) =>
        _configureBuilder(applicationOptions, hostOptions);

    protected override void OnBuilding(DistributedApplicationBuilder applicationBuilder) => _mayBuild.Wait(Disposing);

    private async Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(Disposing.IsCancellationRequested, this);
        _mayBuild.Set();
        var application = await ResolveApplicationAsync(cancellationToken);
        return new TestedApplication(this, application);
    }

    private sealed class Builder : IDistributedApplicationTestingBuilder
    {
        private readonly SuspendingApplicationFactory _factory;
        private readonly DistributedApplicationBuilder _inner;

        public Builder(SuspendingApplicationFactory factory, DistributedApplicationBuilder inner)
        {
            _factory = factory;
            _inner = inner;
        }

        public ConfigurationManager Configuration => _inner.Configuration;

        public string AppHostDirectory => _inner.AppHostDirectory;

        public Assembly? AppHostAssembly => _inner.AppHostAssembly;

        public IHostEnvironment Environment => _inner.Environment;

        public IServiceCollection Services => _inner.Services;

        public IDistributedApplicationEventing Eventing => _inner.Eventing;

        public DistributedApplicationExecutionContext ExecutionContext => _inner.ExecutionContext;

        public IDistributedApplicationPipeline Pipeline => _inner.Pipeline;

        public IResourceCollection Resources => _inner.Resources;

        public IResourceBuilder<T> AddResource<T>(T resource) where T : IResource => _inner.AddResource(resource);

        public IResourceBuilder<T> CreateResourceBuilder<T>(T resource) where T : IResource => _inner.CreateResourceBuilder(resource);

        public DistributedApplication Build() => BuildAsync().GetAwaiter().GetResult();

        public Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken = default) =>
            _factory.BuildAsync(cancellationToken);

        public void Dispose() => _factory.Dispose();

        public ValueTask DisposeAsync() => _factory.DisposeAsync();
    }

    /// <summary>The application as the test sees it. What it starts and stops is the one the entry point runs.</summary>
    private sealed class TestedApplication : DistributedApplication
    {
        private readonly SuspendingApplicationFactory _factory;

        public TestedApplication(SuspendingApplicationFactory factory, DistributedApplication inner) : base(inner)
        {
            _factory = factory;
        }

        public override Task StartAsync(CancellationToken cancellationToken = default) => _factory.StartAsync(cancellationToken);

        public override Task StopAsync(CancellationToken cancellationToken = default) => _factory.StopAsync(cancellationToken);

        public override async Task RunAsync(CancellationToken cancellationToken = default)
        {
            try
            {
                await _factory.StartAsync(cancellationToken);
                await _factory.WaitForExitAsync(cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested && HasStarted)
            {
                // Those who wait for the host's own word may be faster than the start that is waited for here.
                await _factory.StopAsync(CancellationToken.None);
            }
        }

        private bool HasStarted => Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStarted.IsCancellationRequested;

        public override void Dispose()
        {
            _factory.Dispose();
            base.Dispose();
        }

        public override async ValueTask DisposeAsync()
        {
            await _factory.DisposeAsync();
            await base.DisposeAsync();
        }
    }
}
