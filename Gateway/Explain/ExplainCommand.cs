using System.CommandLine;
using Istio.Documents;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Explain;

/// <summary>The command <c>explain --mesh DIR METHOD URL [-H HEADER]...</c>: what becomes of a request, and why.</summary>
internal static class ExplainCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var mesh = new Option<string>("--mesh")
        {
            Description = "Folder of Kubernetes and Istio YAML files.",
            HelpName = "DIR",
            Required = true,
        };
        var headers = new Option<string[]>("-H", "--header")
        {
            Description = "A header of the request, as \"name: value\".",
            HelpName = "HEADER",
        };
        var method = new Argument<string>("METHOD") { Description = "The request's method, such as GET." };
        var url = new Argument<string>("URL") { Description = "The request's URL, such as http://localhost:8081/api/v1/ping." };
        var command = new Command(
            "explain", "Prints which door and which rule take a request and why the earlier ones do not, where it goes, and who may call.")
        {
            mesh, method, url, headers,
        };
        command.SetAction((result, token) => RunAsync(
            result.GetRequiredValue(mesh), result.GetRequiredValue(method), result.GetRequiredValue(url), result.GetValue(headers) ?? [],
            result.InvocationConfiguration.Output, result.InvocationConfiguration.Error, token));
        return command;
    }

    /// <summary>Explains a request.</summary>
    /// <returns>0, 1 when the folder cannot be executed, or 2 for a wrong URL or header.</returns>
    public static async Task<int> RunAsync(
        string folder, string method, string url, IEnumerable<string> headers, TextWriter output, TextWriter error,
        CancellationToken cancellationToken)
    {
        if (!ExplainedRequest.TryParse(method, url, headers, out var request, out var problem))
        {
            await error.WriteLineAsync(problem);
            return GatewayCommand.Misused;
        }

        if (!Directory.Exists(folder))
        {
            await error.WriteLineAsync($"--mesh {folder}: there is no such folder.");
            return GatewayCommand.Failed;
        }

        using var keys = new HttpMessageInvoker(new SocketsHttpHandler());
        using var mesh = ExplainedMesh.Compile(ResourceReader.ReadFolder(folder), keys, TimeProvider.System, NullLoggerFactory.Instance);
        foreach (var finding in mesh.Findings)
        {
            await error.WriteLineAsync(finding.ToString());
        }

        if (mesh.Findings.Any(finding => finding.Severity == Severity.Error))
        {
            await error.WriteLineAsync($"{folder} has errors; correct them first.");
            return GatewayCommand.Failed;
        }

        await new Explanation(mesh, request, output).WriteAsync(cancellationToken);
        return 0;
    }
}
