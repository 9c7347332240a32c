using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Pipelines;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

/// <summary>An application under test that the test declares itself.</summary>
internal sealed class StandaloneTestingBuilder : IDistributedApplicationTestingBuilder
{
    private readonly DistributedApplicationBuilder _inner;
    private DistributedApplication? _application;

    private StandaloneTestingBuilder(DistributedApplicationBuilder inner)
    {
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

    public static StandaloneTestingBuilder Create(
        string[] args,
        Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configureBuilder)
    {
        var outer = EntryPointHook.Current;
        EntryPointHook.Current = new SettingsHook(args, configureBuilder);
        try
        {
            return new StandaloneTestingBuilder(new DistributedApplicationBuilder(new DistributedApplicationOptions()));
        }
        finally
        {
            EntryPointHook.Current = outer;
        }
    }

    public IResourceBuilder<T> AddResource<T>(T resource) where T : IResource => _inner.AddResource(resource);

    public IResourceBuilder<T> CreateResourceBuilder<T>(T resource) where T : IResource => _inner.CreateResourceBuilder(resource);

    public DistributedApplication Build() => _application = _inner.Build();

    public Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(Build());
    }

    public void Dispose() => _application?.Dispose();

    public ValueTask DisposeAsync() => _application?.DisposeAsync() ?? ValueTask.CompletedTask;

    private sealed class SettingsHook : EntryPointHook
    {
        private readonly string[] _args;
        private readonly Action<DistributedApplicationOptions, HostApplicationBuilderSettings> _configure;

        public SettingsHook(string[] args, Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configure)
        {
            _args = args;
            _configure = configure;
        }

        public override void OnBuilderCreating(DistributedApplicationOptions options, HostApplicationBuilderSettings settings) =>
            TestSettings.Apply(options, settings, _args, Assembly.GetEntryAssembly() ?? typeof(SettingsHook).Assembly, _configure);

        public override void OnBuilderCreated(DistributedApplicationBuilder builder) =>
            builder.Services.ConfigureHttpClientDefaults(static http => http.AddStandardResilienceHandler());

        public override void OnBuilding(DistributedApplicationBuilder builder)
        {
        }

        public override void OnBuilt(DistributedApplication application)
        {
        }

        public override Task OnStartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override void OnStarted(Exception? failure)
        {
        }
    }
}
