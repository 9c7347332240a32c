using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace PingService.Tests;

/// <summary>The real program in a process of its own, in UTC and on a free port of the loopback interface unless told otherwise.</summary>
public sealed class PingProcess : IAsyncDisposable
{
    public const int SigTerm = 15;

    /// <summary>A test fails, rather than hangs, when the program does not do within this time what it is waited for.</summary>
    public static readonly TimeSpan Bound = TimeSpan.FromSeconds(90);

    /// <summary>Another build of the service that is tested in the place of this one's, such as a native one.</summary>
    private static readonly string? Program = Environment.GetEnvironmentVariable("PING_SERVICE");

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private PingProcess(Process process)
    {
        _process = process;
        _process.OutputDataReceived += (_, line) => Read(line.Data);
        _process.ErrorDataReceived += (_, line) => Read(line.Data);
    }

    /// <summary>Skips a test that needs the hook: a native program loads no assembly that it was not built with.</summary>
    public static void RequireHook() => Assert.SkipUnless(Program is null, "A native program has no startup hook.");

    public HttpClient Client { get; } = new();

    public Uri Address => Client.BaseAddress!;

    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    public bool HasExited => _process.HasExited;

    public static async Task<PingProcess> StartAsync(params (string Name, string? Value)[] environment)
    {
        var start = Describe(
        [
            ("ASPNETCORE_URLS", "http://127.0.0.1:0"), ("ASPNETCORE_HTTP_PORTS", null), ("ASPNETCORE_ENVIRONMENT", null), ("TZ", "UTC"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", null), ("OTEL_SERVICE_NAME", "ping"), ("OTEL_RESOURCE_ATTRIBUTES", "service.instance.id=a1b2c"),
            ("KUBERNETES_SERVICE_HOST", null), .. environment,
        ]);
        var ping = new PingProcess(new Process { StartInfo = start, EnableRaisingEvents = true });
        ping._process.Exited += (_, _) =>
            ping._listening.TrySetException(new InvalidOperationException($"PingService exited: {ping.Output}"));
        ping._process.Start();
        ping._process.BeginOutputReadLine();
        ping._process.BeginErrorReadLine();
        ping.Client.BaseAddress = await ping._listening.Task.WaitAsync(Bound, TestContext.Current.CancellationToken);
        return ping;
    }

    /// <summary>How to start the program, with the hook of these tests in it.</summary>
    public static ProcessStartInfo Describe(params (string Name, string? Value)[] environment)
    {
        var directory = AppContext.BaseDirectory;
        string[] command = Program is null
            ? [Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", Path.Combine(directory, "PingService.dll")]
            : [Program];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            Environment = { ["DOTNET_STARTUP_HOOKS"] = Path.Combine(directory, "PingService.Tests.dll") },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = directory,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return start;
    }

    public void Signal(int signal) => Assert.Equal(0, kill(_process.Id, signal));

    public async Task<int> WaitForExitAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Bound, TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }

    private void Read(string? line)
    {
        const string listening = "Now listening on: ";
        lock (_output)
        {
            _output.AppendLine(line);
        }

        var at = line?.IndexOf(listening, StringComparison.Ordinal) ?? -1;
        if (at >= 0)
        {
            // Any address of this machine is written as [::]; it is asked on the loopback interface.
            _listening.TrySetResult(new Uri(line![(at + listening.Length)..].Replace("[::]", "127.0.0.1", StringComparison.Ordinal)));
        }
    }

    [DllImport("libc", ExactSpelling = true)]
    private static extern int kill(int process, int signal);
}

/// <summary>One process for the tests that only ask it.</summary>
public sealed class SharedPing : IAsyncLifetime
{
    public PingProcess Process { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Process = await PingProcess.StartAsync();

    public ValueTask DisposeAsync() => Process.DisposeAsync();
}
