using System.Threading.Channels;
using Gateway.Registry;
using Istio.Documents;

namespace Gateway.Mesh;

/// <summary>
/// Keeps the configuration in step with the mesh folder: waits for a change, lets the writer finish, compiles and swaps. A folder with an
/// error leaves the last good configuration in force.
/// </summary>
/// <remarks>
/// Changes are noticed by the file system's events, and, should these fail or should the whole folder be replaced, by polling. Both
/// only say "look"; whether there is anything new says <see cref="FolderStamp"/>.
/// </remarks>
internal sealed partial class MeshWatcher : BackgroundService
{
    /// <summary>How long nothing may change before the folder is read: writers often write a file in several steps.</summary>
    internal static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(30);

    /// <summary>How often to look without an event.</summary>
    internal static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    private readonly MeshLoader _loader;
    private readonly MeshState _state;
    private readonly TimeProvider _time;
    private readonly ILogger<MeshWatcher> _logger;

    // One pending "look" is enough, however many events there are.
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private FileSystemWatcher? _watcher;
    private (long Folder, int Names) _stamp;

    public MeshWatcher(MeshLoader loader, MeshState state, TimeProvider time, ILogger<MeshWatcher> logger)
    {
        _loader = loader;
        _state = state;
        _time = time;
        _logger = logger;
    }

    /// <summary>Takes the stamp before anything can change that the first load has not seen, and watches from here on.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        Watch();
        _changes.Writer.TryWrite(true);
        return base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _watcher?.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.WhenAll(FollowAsync(stoppingToken), LookUpAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    /// <summary>What the configuration is made of: the folder, and the addresses of names in it.</summary>
    private (long Folder, int Names) Stamp() => (FolderStamp.Of(_loader.Folder), _loader.Names.Version);

    /// <summary>Looks names up again and again; when their addresses change there is something to load.</summary>
    private async Task LookUpAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(EndpointNames.Interval, _time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (await _loader.Names.RefreshAsync(stoppingToken))
            {
                _changes.Writer.TryWrite(true);
            }
        }
    }

    private async Task FollowAsync(CancellationToken stoppingToken)
    {
        using var poll = _time.CreateTimer(_ => _changes.Writer.TryWrite(false), null, PollInterval, PollInterval);
        await foreach (var isEvent in _changes.Reader.ReadAllAsync(stoppingToken))
        {
            var stamp = Stamp();
            if (stamp == _stamp)
            {
                continue;
            }

            try
            {
                await SettleAsync(stamp, stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // Whatever it was, the gateway serves on with what it has, and looks again with the next change.
                _stamp = stamp;
                LogUnexpected(exception, _loader.Folder);
            }

            if (!isEvent)
            {
                // The events missed this change: the folder may be another one by the same name now.
                Watch();
            }
        }
    }

    /// <summary>Reads the folder once it has been quiet, and again when it changed meanwhile.</summary>
    private async Task SettleAsync((long Folder, int Names) stamp, CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(Quiet, _time, cancellationToken);
            var now = Stamp();
            if (now != stamp)
            {
                stamp = now;
                continue;
            }

            var resources = _loader.Read();
            if ((now = Stamp()) != stamp)
            {
                stamp = now;
                continue;
            }

            _stamp = stamp;
            var (snapshot, findings) = _loader.Compile(resources);
            Apply(snapshot, findings);
            return;
        }
    }

    private void Apply(MeshSnapshot? snapshot, IReadOnlyCollection<Finding> findings)
    {
        foreach (var finding in findings)
        {
            LogFinding(finding.Severity == Severity.Error ? LogLevel.Error : LogLevel.Warning, finding);
        }

        if (snapshot is null)
        {
            LogKept(_loader.Folder);
            return;
        }

        _state.Replace(snapshot);
        LogLoaded(_loader.Folder);
    }

    private void Watch()
    {
        _watcher?.Dispose();
        _watcher = null;
        try
        {
            // A mounted ConfigMap changes by renaming the link "..data", which is an event in the folder itself.
            var watcher = new FileSystemWatcher(_loader.Folder) { IncludeSubdirectories = true };
            watcher.Changed += OnChange;
            watcher.Created += OnChange;
            watcher.Deleted += OnChange;
            watcher.Renamed += OnChange;
            watcher.Error += (_, error) => LogEvents(_loader.Folder, error.GetException().Message);
            watcher.EnableRaisingEvents = true;
            _watcher = watcher;
        }
        catch (Exception exception) when (exception is IOException or ArgumentException)
        {
            LogEvents(_loader.Folder, exception.Message);
        }
    }

    private void OnChange(object sender, FileSystemEventArgs change) => _changes.Writer.TryWrite(true);

    [LoggerMessage(LogLevel.Information, "Configuration loaded from {Folder}.")]
    private partial void LogLoaded(string folder);

    [LoggerMessage(LogLevel.Error, "{Folder} has errors; the last good configuration stays in force.")]
    private partial void LogKept(string folder);

    [LoggerMessage(Message = "{Finding}")]
    private partial void LogFinding(LogLevel level, Finding finding);

    [LoggerMessage(LogLevel.Error, "{Folder} could not be loaded; the last good configuration stays in force.")]
    private partial void LogUnexpected(Exception exception, string folder);

    [LoggerMessage(LogLevel.Warning, "No file system events for {Folder} ({Reason}); looking every second instead.")]
    private partial void LogEvents(string folder, string reason);
}
