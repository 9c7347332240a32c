using System.Diagnostics;
using System.Reflection;
using System.Text.RegularExpressions;
using Dashboard.Tests.Support;

namespace Dashboard.Tests.Browser;

/// <summary>The dashboard as the program it is, on free ports.</summary>
internal sealed partial class DashboardProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private DashboardProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) =>
        {
            if (Login().Match(line.Data ?? "") is { Success: true } login)
            {
                LoginUrl = new Uri(login.Groups[1].Value);
            }
            else if (Otlp().Match(line.Data ?? "") is { Success: true } otlp)
            {
                OtlpHttp = new Uri(otlp.Groups[1].Value);
                _started.TrySetResult();
            }
        };
        process.Exited += (_, _) => _started.TrySetException(new InvalidOperationException("The dashboard has ended."));
        process.EnableRaisingEvents = true;
        process.BeginOutputReadLine();
    }

    /// <summary>The link that signs in.</summary>
    public Uri LoginUrl { get; private set; } = null!;

    /// <summary>Where telemetry comes in by HTTP; no key is needed.</summary>
    public Uri OtlpHttp { get; private set; } = null!;

    /// <summary>What it takes in memory.</summary>
    public long Memory
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>The processor time it has used.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _process.HasExited;

    public static async Task<DashboardProcess> StartAsync(params string[] arguments)
    {
        var program = typeof(DashboardProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(each => each.Key == "dashboardpath").Value!;
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        foreach (var argument in arguments.Prepend(program))
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        start.Environment["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = "http://127.0.0.1:0";
        start.Environment["ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL"] = "http://127.0.0.1:0";
        start.Environment["Dashboard__Engine__Key"] = TestDashboard.EngineKey;
        start.Environment["Dashboard__Frontend__BrowserToken"] = TestDashboard.BrowserToken;
        var dashboard = new DashboardProcess(Process.Start(start)!);
        await dashboard._started.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        return dashboard;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    [GeneratedRegex(@"^Dashboard: (\S+)$")]
    private static partial Regex Login();

    [GeneratedRegex(@"^OTLP: .* HTTP at (\S+)$")]
    private static partial Regex Otlp();
}
