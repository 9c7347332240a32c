using System.Diagnostics;
using System.Net;
using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;

namespace Publishing.Tests.Embedded;

/// <summary>
/// apply, verify and destroy as a person types them, with a script in the place of kubectl that records how it was called. What only a
/// process can show: its exit code, and what it writes to the error stream.
/// </summary>
public sealed class ClusterTests : IDisposable
{
    // Everything exists, nothing differs.
    private const string Quiet = """
        case "$*" in
          *"config current-context"*) echo lab ;;
          *"get namespace"*) echo namespace/demo ;;
        esac
        """;

    private const string Differs = """
        case "$*" in
          *"config current-context"*) echo lab ;;
          *"get namespace"*) echo namespace/demo ;;
          *diff*) echo "diff -u -N /tmp/LIVE-1/v1.ConfigMap.demo.ping-env /tmp/MERGED-2/v1.ConfigMap.demo.ping-env"; echo "+  PING: new"; exit 1 ;;
        esac
        """;

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_first_apply_goes_to_the_chosen_context_on_the_server_s_side()
    {
        var run = await RunAsync("", null, "apply", "--context", "prod", "--yes", "--output", Repository.Output);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("Namespace demo does not exist yet", run.Output, StringComparison.Ordinal);
        Assert.Equal(
            ["--context prod get namespace demo --ignore-not-found -o name", $"--context prod apply --server-side -k {Repository.Output}"],
            Calls());
    }

    [Fact]
    public async Task What_would_change_is_shown_before_it_is_asked_and_changed_settings_restart_their_pods()
    {
        var run = await RunAsync(Differs, "y\n", "apply", "--output", Repository.Output);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Matches(@"(?s)\+  PING: new.*Apply this to context lab\? \[y/N\]", run.Output);
        Assert.Equal(
            [
                "config current-context", "get namespace demo --ignore-not-found -o name", $"diff --server-side -k {Repository.Output}",
                $"apply --server-side -k {Repository.Output}", "-n demo rollout restart deployment/ping",
            ],
            Calls());
    }

    [Theory]
    [InlineData("n\n", "Nothing was changed.")]
    [InlineData(null, "Nobody is there to answer, so nothing was changed; add --yes.")]
    public async Task Without_a_yes_nothing_is_changed(string? answer, string message)
    {
        var run = await RunAsync(Differs, answer, "apply", "--output", Repository.Output);
        Assert.Equal((1, $"error: {message}\n"), (run.ExitCode, run.Error));
        Assert.DoesNotContain(Calls(), call => call.Contains("apply", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_there_already_is_not_applied_again()
    {
        var run = await RunAsync(Quiet, null, "apply", "--output", Repository.Output);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("Context lab has all of it already.", run.Output, StringComparison.Ordinal);
        Assert.Equal(3, Calls().Length);
    }

    [Fact]
    public async Task A_failing_kubectl_fails_the_program_with_kubectl_s_own_words()
    {
        var run = await RunAsync("""case "$*" in *apply*) echo "error: the server is on fire" >&2; exit 3 ;; esac""", null, "apply", "--yes", "--context", "c", "--output", Repository.Output);
        Assert.Equal((1, $"error: kubectl apply --server-side -k {Repository.Output} failed with exit code 3: error: the server is on fire\n"), (run.ExitCode, run.Error));
    }

    [Fact]
    public async Task A_failing_diff_is_not_taken_for_a_difference()
    {
        var run = await RunAsync(Quiet + "\n" + """case "$*" in *diff*) echo "no such kind" >&2; exit 1 ;; esac""", null, "apply", "--yes", "--output", Repository.Output);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("no such kind", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(Calls(), call => call.StartsWith("apply", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("apply")]
    [InlineData("destroy")]
    [InlineData("verify")]
    public async Task Without_kubectl_it_is_one_clear_sentence(string verb)
    {
        string[] arguments = verb == "verify" ? [verb] : [verb, "--yes", "--output", Repository.Output];
        var run = await RunAsync(null, null, arguments);
        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith("error: kubectl is not on the PATH; install it", run.Error, StringComparison.Ordinal);
        Assert.Equal(1, run.Error.Count(c => c == '\n'));
    }

    [Fact]
    public async Task Destroy_asks_and_deletes_what_was_applied()
    {
        var run = await RunAsync(Quiet, "y\n", "destroy", "--output", Repository.Output);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("Delete namespace demo and all that is in it from context lab?", run.Output, StringComparison.Ordinal);
        Assert.Equal($"delete --ignore-not-found -k {Repository.Output}", Calls()[^1]);
    }

    [Fact]
    public async Task Nothing_that_was_not_published_is_applied()
    {
        var run = await RunAsync(Quiet, null, "apply", "--yes", "--output", _folder.File("nowhere"));
        Assert.Equal((1, $"error: {_folder.File("nowhere")} has no kustomization.yaml; write it first, with: publish.\n"), (run.ExitCode, run.Error));
        Assert.Empty(Calls());
    }

    [Theory]
    [InlineData("containerStatuses")]
    [InlineData("initContainerStatuses")] // A native sidecar.
    public async Task Verify_finds_roll_outs_sidecars_and_several_instances(string statuses)
    {
        using var service = new Answers("pong at ping-a", "pong at ping-b");
        var run = await RunAsync(Cluster(statuses), null, "verify", "--url", service.Address);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(6, run.Output.Split('\n').Count(line => line.StartsWith("ok  ", StringComparison.Ordinal)));
        Assert.Contains("-n demo rollout status deployment/ping --timeout=120s", Calls());
    }

    [Fact]
    public async Task Verify_says_what_is_wrong_and_fails()
    {
        using var service = new Answers("pong at ping-a");
        var run = await RunAsync(Cluster("absent").Replace("PERMISSIVE", "STRICT", StringComparison.Ordinal), null, "verify", "--url", service.Address);
        Assert.Equal((1, "error: 4 checks failed.\n"), (run.ExitCode, run.Error));
        Assert.Contains("FAILED  ping has its sidecars: pod ping-a has ping ready; is the namespace labelled istio-injection=enabled", run.Output, StringComparison.Ordinal);
        Assert.Contains("FAILED  mTLS is PERMISSIVE: it is STRICT in namespace demo", run.Output, StringComparison.Ordinal);
        Assert.Contains($"FAILED  several instances answer at {service.Address}: of 30 answers, none names a pod", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Verify_runs_the_conformance_suite_with_the_cluster_s_kubectl(int exitCode)
    {
        Script("kubectl", Cluster("containerStatuses"));
        var run = await RunAsync(
            null, null, program: ("dotnet", $"echo 'ok  a case'; exit {exitCode}"),
            arguments: ["verify", "--context", "lab", "--conformance", "http://10.0.0.9", "--endpoints", "10.0.0.1:9101-9108"]);
        Assert.Equal((exitCode, exitCode == 0 ? "" : "error: 1 check failed.\n"), (run.ExitCode, run.Error));
        Assert.Contains("ok  a case", run.Output, StringComparison.Ordinal);
        Assert.Contains($"{(exitCode == 0 ? "ok      " : "FAILED  ")}the conformance suite passes at http://10.0.0.9/", run.Output, StringComparison.Ordinal);
        Assert.Equal(
            $"run --project {Path.Combine(Repository.Root, "tests", "Conformance")} -- --target http://10.0.0.9 --endpoints 10.0.0.1:9101-9108 "
                + "--apply kubectl --context 'lab' apply -f - --delete kubectl --context 'lab' delete --ignore-not-found -f -",
            Assert.Single(Calls()));
    }

    [Fact]
    public async Task The_conformance_suite_needs_its_endpoints()
    {
        var run = await RunAsync(Cluster("containerStatuses"), null, "verify", "--conformance", "http://10.0.0.9");
        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith("error: The conformance suite needs both", run.Error, StringComparison.Ordinal);
        Assert.Empty(Calls());
    }

    [Fact]
    public async Task Build_asks_the_SDK_for_each_image_once_and_fails_with_it()
    {
        var run = await RunAsync(null, null, program: ("dotnet", "exit 0"), arguments: ["build", "--tag", "7"]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Collection(
            Calls(),
            call => Assert.EndsWith("PingService.csproj -t:PublishContainer -nologo -v:minimal -p:ContainerImageTag=7 -p:ContainerRepository=registry.example.com/ping-service", call, StringComparison.Ordinal),
            call => Assert.EndsWith("Gateway.csproj -t:PublishContainer -nologo -v:minimal -p:ContainerImageTag=7 -p:ContainerRepository=registry.example.com/gateway", call, StringComparison.Ordinal));

        run = await RunAsync(null, null, program: ("dotnet", "echo 'CONTAINER1001: no registry' >&2; exit 1"), arguments: ["build"]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("was not built: dotnet publish ended with exit code 1. CONTAINER1001: no registry", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_output_that_cannot_be_written_is_exit_code_1()
    {
        var file = _folder.Write("file", "");
        var run = await RunAsync("", null, "publish", "--output", Path.Combine(file, "output"));
        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith($"error: {Path.Combine(file, "output")} cannot be written: ", run.Error, StringComparison.Ordinal);
    }

    /// <summary>Two pods of ping and one of gateway, each with its own container, and a sidecar in the given list of statuses.</summary>
    private static string Cluster(string statuses) => $"""
        case "$*" in
          *"config current-context"*) echo lab ;;
          *"get pods -l app=ping"*) echo '{Pods(statuses, "ping", "ping-a", "ping-b")}' ;;
          *"get pods -l app=gateway"*) echo '{Pods(statuses, "gateway", "gateway-a")}' ;;
          *peerauthentications*) echo PERMISSIVE ;;
        esac
        """;

    private static string Pods(string statuses, string app, params string[] names)
    {
        JsonObject Running(string name) => new() { ["name"] = name, ["ready"] = true, ["state"] = new JsonObject { ["running"] = new JsonObject() } };
        return new JsonObject
        {
            ["items"] = new JsonArray([.. names.Select(name =>
            {
                var status = new JsonObject { ["containerStatuses"] = new JsonArray(Running(app)), ["initContainerStatuses"] = new JsonArray() };
                (status[statuses] as JsonArray)?.Add(Running("istio-proxy"));
                return new JsonObject { ["metadata"] = new JsonObject { ["name"] = name }, ["status"] = status };
            })]),
        }.ToJsonString();
    }

    private string[] Calls() => File.Exists(_folder.File("calls")) ? File.ReadAllLines(_folder.File("calls")) : [];

    private Task<(int ExitCode, string Output, string Error)> RunAsync(string? kubectl, string? input, params string[] arguments) =>
        RunAsync(kubectl, input, program: ("kubectl", kubectl), arguments);

    private async Task<(int ExitCode, string Output, string Error)> RunAsync(string? kubectl, string? input, (string Name, string? Body) program, params string[] arguments)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The stand-in for kubectl is a shell script.");
        File.Delete(_folder.File("calls"));
        Directory.CreateDirectory(_folder.File("bin"));
        if (program.Body is not null)
        {
            Script(program.Name, $"echo \"$*\" >> '{_folder.File("calls")}'\n{program.Body}");
        }

        var configuration = typeof(ClusterTests).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
        var start = new ProcessStartInfo(Environment.ProcessPath is { } path && Path.GetFileName(path) == "dotnet" ? path : Dotnet())
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Projects.AppHost.ProjectPath,
        };
        start.ArgumentList.Add(Path.Combine(Projects.AppHost.ProjectPath, "bin", "Embedded", configuration, "net10.0", "AppHost.dll"));
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        // Nothing but the script, and what a script needs: no kubectl of this machine.
        start.Environment["PATH"] = _folder.File("bin");
        start.Environment["DOTNET_HOST_PATH"] = _folder.File("bin/dotnet");
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync(Cancellation);
        var output = await process.StandardOutput.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        return (process.ExitCode, output, await error);
    }

    private void Script(string name, string body)
    {
        var script = _folder.Write($"bin/{name}", $"#!/bin/sh\n{body}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static string Dotnet() => Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, "dotnet")).First(File.Exists);

    /// <summary>A service whose instances answer in turn.</summary>
    private sealed class Answers : IDisposable
    {
        private readonly System.Net.Sockets.TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly string[] _answers;

        public Answers(params string[] answers)
        {
            _answers = answers;
            _listener.Start();
            Address = $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/api/v1/ping";
            _ = ServeAsync();
        }

        public string Address { get; }

        public void Dispose() => _listener.Dispose();

        private async Task ServeAsync()
        {
            try
            {
                for (var i = 0; ; i++)
                {
                    using var connection = await _listener.AcceptTcpClientAsync(Cancellation);
                    var stream = connection.GetStream();
                    var buffer = new byte[4096];
                    await stream.ReadAtLeastAsync(buffer, 1, cancellationToken: Cancellation);
                    var body = _answers[i % _answers.Length];
                    await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}"), Cancellation);
                }
            }
            catch (Exception exception) when (exception is OperationCanceledException or System.Net.Sockets.SocketException or ObjectDisposedException or IOException)
            {
                // The test is over.
            }
        }
    }
}
