using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

/// <summary>
/// Runs an AppHost under test: its own entry point, on a thread of its own. Derive from it to take part in the construction.
/// </summary>
public class DistributedApplicationFactory : IDisposable, IAsyncDisposable
{
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(30);

    private readonly Type _entryPoint;
    private readonly string[] _args;
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _disposing = new();
    private readonly TaskCompletionSource<DistributedApplicationBuilder> _builder = NewSource<DistributedApplicationBuilder>();
    private readonly TaskCompletionSource<DistributedApplication> _application = NewSource<DistributedApplication>();
    private readonly TaskCompletionSource _startRequested = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task? _disposal;
    private IHostApplicationLifetime? _lifetime;
    private bool _isRunning;

    /// <summary>Prepares to run an AppHost.</summary>
    /// <param name="entryPoint">The AppHost's class in the namespace <c>Projects</c>, or any type of its assembly.</param>
    public DistributedApplicationFactory(Type entryPoint) : this(entryPoint, [])
    {
    }

    /// <summary>Prepares to run an AppHost.</summary>
    /// <param name="entryPoint">The AppHost's class in the namespace <c>Projects</c>, or any type of its assembly.</param>
    /// <param name="args">The command line.</param>
    public DistributedApplicationFactory(Type entryPoint, string[] args)
    {
        ArgumentNullException.ThrowIfNull(entryPoint);
        TestSettings.ThrowIfInvalid(args);
        _entryPoint = entryPoint;
        _args = args;
    }

    /// <summary>Starts the application and returns when the start is under way.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that ends when the start is under way.</returns>
    /// <exception cref="DistributedApplicationException">
    /// The AppHost's declaration has an error, or the application cannot be started.
    /// </exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        EnsureRunning();
        _startRequested.TrySetResult();
        await _started.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Creates a client whose base address is an endpoint of a resource.</summary>
    /// <param name="resourceName">The resource.</param>
    /// <param name="endpointName">The endpoint; <c>https</c>, else <c>http</c>, by default.</param>
    /// <returns>The client, with the defaults of the application's <see cref="IHttpClientFactory" />.</returns>
    /// <exception cref="InvalidOperationException">The application has not been started.</exception>
    public HttpClient CreateHttpClient(string resourceName, string? endpointName = null) =>
        Started().CreateHttpClient(resourceName, endpointName);

    /// <summary>Gets the URL of an endpoint of a resource.</summary>
    /// <param name="resourceName">The resource.</param>
    /// <param name="endpointName">The endpoint; <c>https</c>, else <c>http</c>, by default.</param>
    /// <returns>The URL.</returns>
    /// <exception cref="InvalidOperationException">The application has not been started.</exception>
    public Uri GetEndpoint(string resourceName, string? endpointName = null) => Started().GetEndpoint(resourceName, endpointName);

    /// <summary>Gets the connection string of a resource.</summary>
    /// <param name="resourceName">The resource.</param>
    /// <returns>The connection string.</returns>
    /// <exception cref="InvalidOperationException">The application has not been started.</exception>
    public ValueTask<string?> GetConnectionString(string resourceName) => Started().GetConnectionStringAsync(resourceName);

    /// <summary>Stops the application and waits for the end of the entry point. May be called again.</summary>
    public virtual void Dispose()
    {
        DisposeAsync().AsTask().GetAwaiter().GetResult();
        GC.SuppressFinalize(this);
    }

    /// <summary>Stops the application and waits for the end of the entry point. May be called again.</summary>
    /// <returns>A task that ends when all has stopped.</returns>
    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        Task disposal;
        lock (_lock)
        {
            disposal = _disposal ??= DisposeCoreAsync();
        }

        await disposal;
    }

    /// <summary>Called before the builder is made.</summary>
    /// <param name="applicationOptions">The options of the application; they may be changed.</param>
    /// <param name="hostOptions">The settings of its host; they may be changed.</param>
    protected virtual void OnBuilderCreating(DistributedApplicationOptions applicationOptions, HostApplicationBuilderSettings hostOptions)
    {
    }

    /// <summary>Called when the builder is made, before the AppHost declares the model.</summary>
    /// <param name="applicationBuilder">The builder.</param>
    protected virtual void OnBuilderCreated(DistributedApplicationBuilder applicationBuilder)
    {
    }

    /// <summary>Called when the AppHost has declared the model, before the application is built.</summary>
    /// <param name="applicationBuilder">The builder.</param>
    protected virtual void OnBuilding(DistributedApplicationBuilder applicationBuilder)
    {
    }

    /// <summary>Called when the application is built.</summary>
    /// <param name="application">The application.</param>
    protected virtual void OnBuilt(DistributedApplication application)
    {
    }

    /// <summary>Cancelled when the factory is disposed.</summary>
    internal CancellationToken Disposing => _disposing.Token;

    /// <summary>Waits until the AppHost has declared the model.</summary>
    internal async Task<DistributedApplicationBuilder> ResolveBuilderAsync(CancellationToken cancellationToken)
    {
        EnsureRunning();
        return await _builder.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Waits until the application is built.</summary>
    internal async Task<DistributedApplication> ResolveApplicationAsync(CancellationToken cancellationToken)
    {
        EnsureRunning();
        return await _application.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Stops the application the way Ctrl+C does and waits for the end of the entry point.</summary>
    internal async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_started.Task.IsCompletedSuccessfully)
        {
            _lifetime?.StopApplication();
            await _exited.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Waits for the end of the entry point.</summary>
    internal Task WaitForExitAsync(CancellationToken cancellationToken) => _exited.Task.WaitAsync(cancellationToken);

    private static TaskCompletionSource<T> NewSource<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private DistributedApplication Started()
    {
        ObjectDisposedException.ThrowIf(_disposing.IsCancellationRequested, this);
        return _started.Task.IsCompletedSuccessfully
            ? _application.Task.Result
            : throw new InvalidOperationException("The application has not been started; call StartAsync first.");
    }

    private void EnsureRunning()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposing.IsCancellationRequested, this);
            if (_isRunning)
            {
                return;
            }

            var main = _entryPoint.Assembly.EntryPoint ?? throw new InvalidOperationException(
                $"The assembly '{_entryPoint.Assembly.GetName().Name}' of {_entryPoint.FullName} has no entry point; name a type of the " +
                    "AppHost.");
            _isRunning = true;
            new Thread(() => RunEntryPoint(main)) { IsBackground = true, Name = $"AppHost {_entryPoint.Assembly.GetName().Name}" }.Start();
        }
    }

    private void RunEntryPoint(MethodInfo main)
    {
        Exception? failure = null;
        try
        {
            EntryPointHook.Current = new Hook(this);
            object[] arguments = main.GetParameters().Length == 0 ? [] : [_args];
            main.Invoke(obj: null, BindingFlags.DoNotWrapExceptions, binder: null, arguments, culture: null);
        }
        catch (Exception exception)
        {
            failure = exception is AggregateException { InnerExceptions.Count: 1 } aggregate ? aggregate.InnerExceptions[0] : exception;
        }

        // Whoever still waits for something gets to know why it will not come.
        var name = _entryPoint.Assembly.GetName().Name;
        Fail(_builder, failure ?? new InvalidOperationException($"The entry point of '{name}' ended without building a distributed " +
            "application."));
        Fail(_application, failure ?? new InvalidOperationException($"The entry point of '{name}' ended without building a distributed " +
            "application."));
        failure ??= new InvalidOperationException($"The entry point of '{name}' ended without starting the application it built.");
        if (_started.TrySetException(failure))
        {
            _ = _started.Task.Exception;
        }

        _exited.TrySetResult();
    }

    private static void Fail<T>(TaskCompletionSource<T> source, Exception exception)
    {
        if (source.TrySetException(exception))
        {
            // Nobody has to be waiting.
            _ = source.Task.Exception;
        }
    }

    private async Task DisposeCoreAsync()
    {
        await Task.Yield();
        bool isRunning;
        lock (_lock)
        {
            isRunning = _isRunning;
            _disposing.Cancel();
        }

        if (!isRunning)
        {
            return;
        }

        _startRequested.TrySetCanceled();
        _lifetime?.StopApplication();
        await _exited.Task.WaitAsync(ShutdownTimeout).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_application.Task is { IsCompletedSuccessfully: true } last)
        {
            await last.Result.DisposeAsync();
        }
    }

    /// <summary>Connects the entry point, which knows nothing of the test, with the factory.</summary>
    private sealed class Hook : EntryPointHook
    {
        private readonly DistributedApplicationFactory _factory;

        public Hook(DistributedApplicationFactory factory)
        {
            _factory = factory;
        }

        public override void OnBuilderCreating(DistributedApplicationOptions options, HostApplicationBuilderSettings settings) =>
            TestSettings.Apply(options, settings, _factory._args, _factory._entryPoint.Assembly, _factory.OnBuilderCreating);

        public override void OnBuilderCreated(DistributedApplicationBuilder builder) => _factory.OnBuilderCreated(builder);

        public override void OnBuilding(DistributedApplicationBuilder builder)
        {
            _factory._builder.TrySetResult(builder);
            _factory.OnBuilding(builder);
            _factory._disposing.Token.ThrowIfCancellationRequested();
        }

        public override void OnBuilt(DistributedApplication application)
        {
            // Kept, because the entry point may dispose the application before the test asks for it.
            _factory._lifetime = application.Services.GetRequiredService<IHostApplicationLifetime>();
            _factory.OnBuilt(application);
            _factory._application.TrySetResult(application);
        }

        public override Task OnStartingAsync(CancellationToken cancellationToken) =>
            _factory._startRequested.Task.WaitAsync(cancellationToken);

        public override void OnStarted(Exception? failure)
        {
            if (failure is null)
            {
                _factory._started.TrySetResult();
            }
            else if (_factory._started.TrySetException(failure))
            {
                // Nobody has to be waiting.
                _ = _factory._started.Task.Exception;
            }
        }
    }
}
