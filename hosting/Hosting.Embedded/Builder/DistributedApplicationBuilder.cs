using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Lifecycle;
using Aspire.Hosting.Orchestration;
using Aspire.Hosting.Pipelines;
using Aspire.Hosting.Publishing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting;

/// <inheritdoc cref="IDistributedApplicationBuilder" />
public class DistributedApplicationBuilder : IDistributedApplicationBuilder
{
    private static readonly Dictionary<string, string> SwitchMappings = new()
    {
        ["--operation"] = "AppHost:Operation",
        ["--publisher"] = "Publishing:Publisher",
        ["--step"] = "Pipeline:Step",
        ["--output-path"] = "Pipeline:OutputPath",
        ["--log-level"] = "Pipeline:LogLevel",
        ["--yes"] = "Pipeline:SkipConfirmation"
    };

    private readonly DistributedApplicationOptions _options;
    private readonly HostApplicationBuilder _host;
    private readonly DistributedApplicationExecutionContextOptions _executionContextOptions;
    private readonly EntryPointHook? _hook = EntryPointHook.Current;
    private bool _built;

    /// <summary>Starts the declaration of an application.</summary>
    /// <param name="args">The command line.</param>
    public DistributedApplicationBuilder(string[] args) : this(new DistributedApplicationOptions { Args = args })
    {
        ArgumentNullException.ThrowIfNull(args);
    }

    /// <summary>Starts the declaration of an application.</summary>
    /// <param name="options">How it is built.</param>
    public DistributedApplicationBuilder(DistributedApplicationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;

        // ASPIRE_ENVIRONMENT and its like are the weakest source; DOTNET_ variables and the command line come on top.
        var configuration = new ConfigurationManager();
        // Its own settings files are read once: a watcher on each would cost every start something and nobody would look at the changes.
        configuration.AddInMemoryCollection([new("hostBuilder:reloadConfigOnChange", "false")]);
        configuration.AddEnvironmentVariables("ASPIRE_");
        var settings = new HostApplicationBuilderSettings { Args = options.Args, Configuration = configuration };
        if (_hook is null)
        {
            ErrorReporter.Install(options);
        }
        else
        {
            _hook.OnBuilderCreating(options, settings);
        }

        _host = new HostApplicationBuilder(settings);
        AppHostDirectory = options.ProjectDirectory ?? _host.Environment.ContentRootPath;
        AppHostPath = Path.GetFullPath(Path.Join(AppHostDirectory, options.ProjectName ?? _host.Environment.ApplicationName));
        _host.Configuration.AddCommandLine(options.Args ?? [], SwitchMappings);
        _executionContextOptions = ReadExecutionContextOptions(_host.Configuration);
        if (string.Equals(_host.Configuration["Publishing:Publisher"], "manifest", StringComparison.OrdinalIgnoreCase)
            && string.IsNullOrEmpty(_host.Configuration["Pipeline:Step"]))
        {
            // Older deployment tools know the publisher, not the step.
            _host.Configuration["Pipeline:Step"] = ManifestStep.Name;
        }

        ExecutionContext = new DistributedApplicationExecutionContext(_executionContextOptions);
        _host.Configuration.AddInMemoryCollection(
        [
            new("AppHost:Directory", AppHostDirectory),
            new("AppHost:Path", AppHostPath),
            new("AppHost:DashboardApplicationName", options.DashboardApplicationName ?? _host.Environment.ApplicationName)
        ]);
        AddServices();
        if (ExecutionContext.IsRunMode)
        {
            KeepWaitsOfResourcesWithoutProcess();
        }

        _hook?.OnBuilderCreated(this);
    }

    /// <inheritdoc />
    public ConfigurationManager Configuration => _host.Configuration;

    /// <inheritdoc />
    public string AppHostDirectory { get; }

    /// <summary>The full path of the AppHost's project file, when it was recorded at build; else its directory and name.</summary>
    public string AppHostPath { get; }

    /// <inheritdoc />
    public Assembly? AppHostAssembly => _options.Assembly;

    /// <inheritdoc />
    public IHostEnvironment Environment => _host.Environment;

    /// <inheritdoc />
    public IServiceCollection Services => _host.Services;

    /// <inheritdoc />
    public IDistributedApplicationEventing Eventing { get; } = new DistributedApplicationEventing();

    /// <inheritdoc />
    public DistributedApplicationExecutionContext ExecutionContext { get; }

    /// <inheritdoc />
    public IResourceCollection Resources { get; } = new ResourceCollection();

    /// <inheritdoc />
    public IDistributedApplicationPipeline Pipeline { get; } = new DistributedApplicationPipeline();

    /// <inheritdoc />
    public IResourceBuilder<T> AddResource<T>(T resource) where T : IResource
    {
        ArgumentNullException.ThrowIfNull(resource);
        ModelValidator.ValidateName(resource);
        Resources.Add(resource);
        return CreateResourceBuilder(resource);
    }

    /// <inheritdoc />
    public IResourceBuilder<T> CreateResourceBuilder<T>(T resource) where T : IResource
    {
        ArgumentNullException.ThrowIfNull(resource);
        return new DistributedApplicationResourceBuilder<T>(this, resource);
    }

    /// <inheritdoc />
    public DistributedApplication Build()
    {
        if (_built)
        {
            throw new InvalidOperationException("Build can only be called once on a distributed application builder.");
        }

        _built = true;
        _hook?.OnBuilding(this);
        if (ExecutionContext.IsRunMode && !_options.DisableDashboard)
        {
            this.AddDashboard();
        }

        ModelValidator.Validate(Resources, ExecutionContext);
        var application = new DistributedApplication(_host.Build()) { Hook = _hook };
        _executionContextOptions.Services = application.Services;
        _hook?.OnBuilt(application);
        return application;
    }

    private static DistributedApplicationExecutionContextOptions ReadExecutionContextOptions(ConfigurationManager configuration)
    {
        var publisher = configuration["Publishing:Publisher"];
        var operation = configuration["AppHost:Operation"] ?? (publisher is null ? "run" : "publish");
        return operation.ToUpperInvariant() switch
        {
            "RUN" => new DistributedApplicationExecutionContextOptions(DistributedApplicationOperation.Run),
            "PUBLISH" => new DistributedApplicationExecutionContextOptions(
                DistributedApplicationOperation.Publish,
                publisher ?? "manifest"),
            _ => throw new DistributedApplicationException(
                $"'{operation}' is not an operation; use --operation run or --operation publish.")
        };
    }

    /// <summary>
    /// A resource that has no process starts itself and announces it: its handlers run, and what it waits for is ready, when that call
    /// returns. What has a process is started by the orchestrator, which waits itself.
    /// </summary>
    private void KeepWaitsOfResourcesWithoutProcess() =>
        Eventing.Subscribe<BeforeResourceStartedEvent>(static (@event, cancellationToken) =>
        @event.Resource is ProjectResource or ExecutableResource or ContainerResource
            ? Task.CompletedTask
            : @event.Services.GetRequiredService<ResourceNotificationService>()
                .WaitForDependenciesAsync(@event.Resource, cancellationToken));

    private void AddServices()
    {
        // What the host itself logs about its lifetime says nothing about the application.
        _host.Logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning);

        // A start that fails is reported by whoever started it; the host would log it once more, with a stack trace.
        _host.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        _host.Logging.AddConfiguration(_host.Configuration.GetSection("Logging"));

        Services.TryAddSingleton(TimeProvider.System);
        Services.AddSingleton(_options);
        Services.AddSingleton(ExecutionContext);
        Services.AddSingleton(Eventing);
        Services.AddSingleton(Pipeline);
        Services.Configure<PipelineOptions>(_host.Configuration.GetSection("Pipeline"));
        Services.AddSingleton<IPipelineOutputService, PipelineOutputService>();
        Services.AddSingleton(_ => new DistributedApplicationModel(Resources));
        Services.AddSingleton<ResourceNotificationService>();
        Services.AddSingleton(services => new ResourceLoggerService { TimeProvider = services.GetRequiredService<TimeProvider>() });
        Services.AddSingleton(services => new ResourceCommandService(
            services.GetRequiredService<ResourceNotificationService>(),
            services.GetRequiredService<ResourceLoggerService>(),
            services.GetRequiredService<DistributedApplicationModel>(),
            services));
        Services.AddHttpClient();
        Services.AddHealthChecks();
        Services.Configure<ResourceNotificationServiceOptions>(o => o.DefaultWaitBehavior = _options.DisableDashboard
            ? WaitBehavior.StopOnResourceUnavailable
            : WaitBehavior.WaitOnResourceUnavailable);
        if (ExecutionContext.IsPublishMode)
        {
            Pipeline.AddStep(ManifestStep.Create());
            Services.AddHostedService<PipelineExecutor>();
            return;
        }

        if (_options.EnableResourceLogging)
        {
            Services.AddHostedService<ResourceLogForwarder>();
        }

        Services.AddHostedService<HealthCheckRegistrationValidator>();
        Services.AddHostedService<ParameterInitializer>();
        Services.AddOrchestrator();
    }
}
