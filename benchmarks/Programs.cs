using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Reflection;

namespace Benchmarks;

/// <summary>The built programs of this repository, started as processes without MSBuild. Touches processes and loopback ports.</summary>
internal static class Programs
{
    private static readonly HttpClient Client = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(1) };

    /// <summary>The configuration this benchmark itself was built in: the programs beside it were built in the same.</summary>
    private static readonly string Configuration =
        typeof(Programs).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration ?? "Release";

    private static readonly string Root = FindRoot();

    private static int _lastPort = 20_000;

    public static Process Start(string project, string engine, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = Describe(project, engine, arguments);
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start) ?? throw new InvalidOperationException($"{project} did not start.");
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, line) => { if (line.Data is { Length: > 0 }) { Console.Error.WriteLine(line.Data); } };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>How a built program is started: in its project's folder, its output redirected.</summary>
    public static ProcessStartInfo Describe(string project, string engine, params string[] arguments)
    {
        var assembly = Path.Combine(Root, project, "bin", engine, Configuration, "net10.0", Path.GetFileName(project) + ".dll");
        var start = new ProcessStartInfo(Environment.ProcessPath is { } self && Path.GetFileNameWithoutExtension(self) == "dotnet" ? self : "dotnet")
        {
            WorkingDirectory = Path.Combine(Root, project),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(assembly);
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return start;
    }

    /// <summary>
    /// Polls every few milliseconds until the URL answers 200; gives up after a minute. Asks only once somebody listens: polls that fail
    /// with exceptions would take CPU time from what is measured.
    /// </summary>
    /// <param name="url">The URL.</param>
    /// <param name="process">The process that should answer, where one is known: when it ends, nobody waits for it any longer.</param>
    /// <exception cref="InvalidOperationException">The process has ended; what it said is on the error output.</exception>
    public static async Task UntilHealthyAsync(string url, Process? process = null)
    {
        var waited = Stopwatch.StartNew();
        while (waited.Elapsed < TimeSpan.FromMinutes(1))
        {
            if (process is { HasExited: true })
            {
                await process.WaitForExitAsync();
                throw new InvalidOperationException($"it ended with exit code {process.ExitCode} before {url} answered");
            }

            try
            {
                if (await IsListeningAsync(new Uri(url).Port))
                {
                    using var response = await Client.GetAsync(url);
                    if (response.StatusCode == HttpStatusCode.OK)
                    {
                        return;
                    }
                }
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException or SocketException)
            {
                // Not serving yet.
            }

            await Task.Delay(5);
        }

        throw new TimeoutException($"{url} was not healthy within a minute.");
    }

    private static async Task<bool> IsListeningAsync(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using var connect = new SocketAsyncEventArgs { RemoteEndPoint = new IPEndPoint(IPAddress.Loopback, port) };
        var completed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        connect.Completed += (_, _) => completed.SetResult();
        if (socket.ConnectAsync(connect))
        {
            await completed.Task;
        }

        return connect.SocketError == SocketError.Success;
    }

    /// <summary>Asks the process to end as Ctrl+C would, and waits for it.</summary>
    public static async Task StopAsync(Process process)
    {
        using var kill = Process.Start("kill", ["-INT", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    /// <summary>A port that nobody listens at, each only once, and below those that systems give to outgoing connections, of which there are many.</summary>
    public static int FreePort()
    {
        while (true)
        {
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, Interlocked.Increment(ref _lastPort));
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // The next one.
            }
        }
    }

    private static string FindRoot()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Aspire.sln")))
            {
                return folder;
            }
        }

        throw new InvalidOperationException("Run the benchmarks from a clone of the repository: Aspire.sln was not found above the program.");
    }
}
