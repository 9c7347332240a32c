using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Reflection;
using Tests.Shared;

namespace AppHost.Tests.Embedded;

/// <summary>The built AppHost as a process of its own, as a person starts it.</summary>
internal sealed class AppHostProcess : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _output = new();
    private readonly ConcurrentQueue<string> _errors = new();

    private AppHostProcess(Process process, int door)
    {
        Process = process;
        Door = new Uri($"http://127.0.0.1:{door}/");
        process.OutputDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => { if (line.Data is { } text) { _errors.Enqueue(text); } };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public Process Process { get; }

    public Uri Door { get; }

    public string Output => string.Join('\n', _output);

    public string Errors => string.Join('\n', _errors);

    public static AppHostProcess Start(int? port = null, params string[] arguments)
    {
        var door = port ?? FreePort.Next();
        var configuration = typeof(AppHostProcess).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
        var assembly = Path.Combine(Projects.AppHost.ProjectPath, "bin", "Embedded", configuration, "net10.0", "AppHost.dll");

        // A test run in a script's background ignores SIGINT, and a child inherits that: env gives it the default back, as at a terminal.
        var start = new ProcessStartInfo("env") { RedirectStandardOutput = true, RedirectStandardError = true };
        // The dashboard, too, has a port of its own: two runs that begin at the same time could find the usual one free.
        string[] all =
        [
            "--default-signal=INT", "dotnet", assembly, "--port", Text(door), "--nodeport", Text(FreePort.Next()),
            "--istioport", Text(FreePort.Next()), "--urls", $"http://localhost:{FreePort.Next()}", .. arguments,
        ];
        foreach (var argument in all)
        {
            start.ArgumentList.Add(argument);
        }

        return new AppHostProcess(Process.Start(start)!, door);
    }

    public async Task UntilHealthyAsync(CancellationToken cancellationToken)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        await Eventually.TrueAsync(
            async () =>
            {
                Assert.False(Process.HasExited, $"The AppHost ended early:\n{Output}\n{Errors}");
                try
                {
                    using var response = await client.GetAsync(new Uri(Door, "api/v1/ping"), cancellationToken);
                    return response.StatusCode == HttpStatusCode.OK;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            "the AppHost's gateway answers",
            cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (!Process.HasExited)
        {
            Process.Kill(entireProcessTree: true);
            await Process.WaitForExitAsync();
        }

        Process.Dispose();
    }

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
}
