using System.CommandLine;
using System.Net.Sockets;
using Gateway.Explain;
using Gateway.Listening;
using Gateway.Mesh;
using Gateway.Policies;
using Gateway.ReverseProxy;
using Gateway.RoutingTests;
using Istio.Documents;
using Istio.Validation;
using Microsoft.AspNetCore.Connections;

namespace Gateway;

/// <summary>The command line: <c>Gateway [--mesh DIR]</c> with where to listen, and <c>Gateway validate PATH... [--output json]</c>.</summary>
internal sealed class GatewayCommand
{
    /// <summary>The folder, the documents or an address cannot be used.</summary>
    internal const int Failed = 1;

    /// <summary>The command line is wrong.</summary>
    internal const int Misused = 2;

    private readonly TextWriter _error;

    private GatewayCommand(TextWriter error) => _error = error;

    /// <summary>Runs a command line and gives the exit code: 0, <see cref="Failed"/> or <see cref="Misused"/>.</summary>
    public static Task<int> InvokeAsync(IReadOnlyList<string> args, TextWriter error, CancellationToken cancellationToken = default)
    {
        var mesh = new Option<string>("--mesh")
        {
            Description = "Folder of Kubernetes and Istio YAML files to execute; it is watched for changes.",
            HelpName = "DIR",
        };
        var root = new RootCommand(
            "Executes Kubernetes Ingress and Istio documents on this machine; without --mesh, a configuration of YARP in the environment.")
        {
            mesh,
        };
        var doors = new DoorArguments();
        doors.AddTo(root);
        var command = new GatewayCommand(error);
        root.SetAction((result, token) => !doors.TryRead(result, out var options, out var wrong) ? Task.FromResult(command.Fail(wrong))
            : result.GetValue(mesh) is { } folder ? command.RunAsync(folder, options, token)
            : command.RunYarpAsync(options, token));

        root.Subcommands.Add(Validate());
        root.Subcommands.Add(ExplainCommand.Create());
        root.Subcommands.Add(RoutingTestCommand.Create());

        var parsed = root.Parse(args);
        if (parsed.Errors.Count == 0)
        {
            return parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null }, cancellationToken);
        }

        foreach (var parseError in parsed.Errors)
        {
            error.WriteLine(parseError.Message);
        }

        return Task.FromResult(Misused);
    }

    private static Command Validate()
    {
        var paths = new Argument<string[]>("PATH") { Description = "Files and folders of Kubernetes and Istio YAML.", Arity = ArgumentArity.OneOrMore };
        var output = new Option<string>("--output") { Description = "How findings are printed.", DefaultValueFactory = _ => "text" };
        output.AcceptOnlyFromAmong("text", "json");
        var validate = new Command("validate", "Checks documents as Istio's admission webhook and istioctl analyze do; prints one finding a line.")
        {
            paths, output,
        };
        validate.SetAction(result => ValidateCommand.Run(
            result.GetRequiredValue(paths),
            result.GetValue(output) == "json",
            result.InvocationConfiguration.Output,
            result.InvocationConfiguration.Error));
        return validate;
    }

    private async Task<int> RunAsync(string folder, DoorOptions doors, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(folder))
        {
            return Fail($"--mesh {folder}: there is no such folder.");
        }

        using var logging = LoggerFactory.Create(builder => builder.AddSimpleConsole(console => console.SingleLine = true));
        using var loader = new MeshLoader(folder, doors, logger: logging.CreateLogger<PolicyCompiler>());
        var (snapshot, findings) = loader.Load();
        foreach (var finding in findings)
        {
            _error.WriteLine(finding);
        }

        if (snapshot is null)
        {
            var errors = findings.Count(MeshLoader.IsFatal);
            var count = errors == 1 ? "1 error" : $"{errors} errors";
            return Fail($"{folder} has {count}; the gateway starts only with documents it can execute.");
        }

        return await ServeAsync(() => GatewayApplication.Build(loader, snapshot, doors), doors, cancellationToken);
    }

    private async Task<int> RunYarpAsync(DoorOptions doors, CancellationToken cancellationToken)
    {
        try
        {
            if (YarpApplication.TryBuild(doors.Urls) is { } app)
            {
                return await ServeAsync(() => app, doors, cancellationToken);
            }
        }
        catch (InvalidOperationException exception)
        {
            return Fail($"The configuration of YARP cannot be used: {exception.GetBaseException().Message}");
        }

        Fail("--mesh DIR is required, unless the environment has a configuration of YARP: REVERSEPROXY__ROUTES__route0__MATCH__PATH and so on.");
        return Misused;
    }

    private async Task<int> ServeAsync(Func<WebApplication> build, DoorOptions doors, CancellationToken cancellationToken)
    {
        WebApplication? app = null;
        try
        {
            app = build();
            await app.RunAsync(cancellationToken);
            return 0;
        }
        catch (IOException exception) when (exception.InnerException is AddressInUseException)
        {
            return Fail($"{exception.Message.TrimEnd('.')}. Choose another address with {OptionOf(exception.Message, doors)}.");
        }
        catch (Exception exception)
            when (exception is FormatException or SocketException or InvalidOperationException or IOException or ArgumentException)
        {
            return Fail($"The gateway cannot listen: {exception.Message}");
        }
        finally
        {
            if (app is not null)
            {
                await app.DisposeAsync();
            }
        }
    }

    /// <summary>The option by which an address can be changed that is in use, with an example.</summary>
    private static string OptionOf(string message, DoorOptions doors)
    {
        bool Names(string url) => message.Contains(url, StringComparison.Ordinal);
        return doors.Admin is { } admin && Names(admin) ? "--admin, for example --admin http://127.0.0.1:15001"
            : doors.Services.Any(service => Names(service.Url)) ? "--service, for example --service ping:8080=http://127.0.0.1:9001"
            : doors.IstioDoors.Any(door => Names(door.Url)) || Names(DoorOptions.DefaultIstioUrl) || Names(DoorOptions.DefaultIstioTlsUrl.Replace("https", "http"))
                ? "--istio-door, for example --istio-door http://127.0.0.1:9082"
            : "--urls, for example --urls http://127.0.0.1:9081";
    }

    private int Fail(string message)
    {
        _error.WriteLine(message);
        return Failed;
    }
}
