using Aspire.Hosting;

namespace Hosting.Istio.Deployment;

/// <summary>
/// The cases that our own gateway passes, against the cluster's: tests/Conformance beside the AppHost, whose documents kubectl applies and
/// deletes (docs/conformance.md). The endpoints that it needs run elsewhere, where the cluster reaches them.
/// </summary>
internal sealed class ConformanceSuite
{
    private const string Project = "../tests/Conformance";

    private readonly string _project;
    private readonly string? _context;
    private readonly TextWriter _output;

    private ConformanceSuite(string project, string? context, Uri target, string endpoints, TextWriter output)
    {
        _project = project;
        _context = context;
        Target = target;
        Endpoints = endpoints;
        _output = output;
    }

    /// <summary>The address of Istio's ingress gateway.</summary>
    public Uri Target { get; }

    private string Endpoints { get; }

    /// <summary>The suite, when it is asked for.</summary>
    /// <exception cref="DistributedApplicationException">It is asked for and cannot be run.</exception>
    public static ConformanceSuite? Create(string? target, string? endpoints, string? context, string appHostDirectory, TextWriter output)
    {
        if (target is null && endpoints is null)
        {
            return null;
        }

        if (!Uri.TryCreate(target, UriKind.Absolute, out var address) || string.IsNullOrEmpty(endpoints))
        {
            throw new DistributedApplicationException(
                "The conformance suite needs both the address of Istio's ingress gateway and where its endpoints run: --conformance " +
                    "http://172.16.67.147 --endpoints 172.16.67.1:9101-9108.");
        }

        var project = Path.GetFullPath(Project, appHostDirectory);
        return Directory.Exists(project)
            ? new ConformanceSuite(project, context, address, endpoints, output)
            : throw new DistributedApplicationException($"{project} does not exist; the conformance suite is there.");
    }

    /// <summary>Runs all cases; each is a line of the output.</summary>
    /// <exception cref="DistributedApplicationException">A case failed, or the suite could not be run.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var kubectl = _context is null ? "kubectl" : $"kubectl --context '{_context.Replace("'", @"'\''", StringComparison.Ordinal)}'";
        var result = await Tool.Dotnet.RunAsync(
            [
                "run", "--project", _project, "--", "--target", Target.OriginalString, "--endpoints", Endpoints,
                "--apply", $"{kubectl} apply -f -", "--delete", $"{kubectl} delete --ignore-not-found -f -",
            ],
            _output,
            cancellationToken);
        if (result.ExitCode != 0)
        {
            throw new DistributedApplicationException($"its exit code is {result.ExitCode}, see above. {result.Error}".TrimEnd());
        }
    }
}
