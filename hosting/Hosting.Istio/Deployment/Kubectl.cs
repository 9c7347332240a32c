using Aspire.Hosting;

namespace Hosting.Istio.Deployment;

/// <summary>kubectl, always with the context that was asked for, and never taken for successful when it was not.</summary>
internal sealed class Kubectl
{
    private static readonly Tool Program = new(
        "kubectl", "kubectl is not on the PATH; install it (https://kubernetes.io/docs/tasks/tools/) to apply, verify or destroy.");

    private readonly string? _context;
    private readonly TextWriter _output;

    public Kubectl(string? context, TextWriter output)
    {
        _context = context;
        _output = output;
    }

    /// <summary>Runs it and shows its output.</summary>
    /// <exception cref="DistributedApplicationException">It failed; the message is its own.</exception>
    public async Task ShowAsync(CancellationToken cancellationToken, params string[] arguments) =>
        Checked(await RunAsync(arguments, _output, cancellationToken), arguments);

    /// <summary>Runs it and gives its output.</summary>
    /// <exception cref="DistributedApplicationException">It failed; the message is its own.</exception>
    public async Task<string> ReadAsync(CancellationToken cancellationToken, params string[] arguments) =>
        Checked(await RunAsync(arguments, output: null, cancellationToken), arguments).Output;

    /// <summary>
    /// Shows what applying a folder would change. Exit code 1 means that something would; more is an error
    /// (https://kubernetes.io/docs/reference/kubectl/generated/kubectl_diff/).
    /// </summary>
    /// <returns>The differences; empty when there are none.</returns>
    public async Task<string> DiffAsync(string folder, CancellationToken cancellationToken)
    {
        string[] arguments = ["diff", "--server-side", "-k", folder];
        var result = await RunAsync(arguments, _output, cancellationToken);

        // Without any difference to show, exit code 1 comes with an error message.
        return result is { ExitCode: 1, Output.Length: > 0 } ? result.Output : Checked(result, arguments).Output;
    }

    /// <summary>The context that is used: the one that was asked for, else the current one.</summary>
    public async Task<string> ContextAsync(CancellationToken cancellationToken) =>
        _context ?? (await ReadAsync(cancellationToken, "config", "current-context")).Trim();

    private Task<ToolResult> RunAsync(string[] arguments, TextWriter? output, CancellationToken cancellationToken) =>
        Program.RunAsync(_context is null ? arguments : ["--context", _context, .. arguments], output, cancellationToken);

    private static ToolResult Checked(ToolResult result, string[] arguments) => result.ExitCode == 0
        ? result
        : throw new DistributedApplicationException(
            $"kubectl {string.Join(' ', arguments)} failed with exit code {result.ExitCode}: {result.Error.Trim()}");
}
