using System.Text.RegularExpressions;
using Aspire.Hosting;
using Hosting.Istio.Publishing;
using Hosting.Istio.Publishing.Components;

namespace Hosting.Istio.Deployment;

/// <summary>Applies what was published to a cluster, and deletes it again. Nothing is changed before someone has agreed.</summary>
internal sealed partial class ClusterDeployment
{
    private readonly Kubectl _kubectl;
    private readonly PublishOptions _options;
    private readonly bool _yes;
    private readonly TextReader _input;
    private readonly TextWriter _output;

    public ClusterDeployment(Kubectl kubectl, PublishOptions options, bool yes, TextReader input, TextWriter output)
    {
        _kubectl = kubectl;
        _options = options;
        _yes = yes;
        _input = input;
        _output = output;
    }

    /// <summary>Shows the differences, asks, and applies them on the server's side.</summary>
    public async Task ApplyAsync(CancellationToken cancellationToken)
    {
        CheckOutput();
        var context = await _kubectl.ContextAsync(cancellationToken);
        var changes = await DifferencesAsync(cancellationToken);
        if (changes is { Length: 0 })
        {
            await _output.WriteLineAsync($"Context {context} has all of it already.");
            return;
        }

        await AgreeAsync($"Apply this to context {context}?", cancellationToken);
        foreach (var folder in Folders())
        {
            await _kubectl.ShowAsync(cancellationToken, "apply", "--server-side", "-k", folder);
        }

        // A ConfigMap's name stays when its content changes, so that running pods do not see it.
        var changed = ChangedEnvironment().Matches(changes ?? "").Select(match => match.Groups[1].Value);
        foreach (var deployment in changed.Distinct(StringComparer.Ordinal))
        {
            await _kubectl.ShowAsync(cancellationToken, "-n", _options.Namespace, "rollout", "restart", $"deployment/{deployment}");
        }
    }

    /// <summary>Asks, and deletes everything that was applied, the namespace too.</summary>
    public async Task DestroyAsync(CancellationToken cancellationToken)
    {
        CheckOutput();
        var context = await _kubectl.ContextAsync(cancellationToken);
        await AgreeAsync($"Delete namespace {_options.Namespace} and all that is in it from context {context}?", cancellationToken);
        foreach (var folder in Folders().Reverse())
        {
            await _kubectl.ShowAsync(cancellationToken, "delete", "--ignore-not-found", "-k", folder);
        }
    }

    /// <summary>Null when there is nothing to compare with: a server cannot compare what is in a namespace that it does not have.</summary>
    private async Task<string?> DifferencesAsync(CancellationToken cancellationToken)
    {
        var space = await _kubectl.ReadAsync(cancellationToken, "get", "namespace", _options.Namespace, "--ignore-not-found", "-o", "name");
        if (space.Trim().Length == 0)
        {
            await _output.WriteLineAsync($"Namespace {_options.Namespace} does not exist yet: all of {_options.Output} is new.");
            return null;
        }

        var differences = "";
        foreach (var folder in Folders())
        {
            differences += await _kubectl.DiffAsync(folder, cancellationToken);
        }

        return differences;
    }

    private async Task AgreeAsync(string question, CancellationToken cancellationToken)
    {
        if (_yes)
        {
            return;
        }

        await _output.WriteAsync($"{question} [y/N] ");
        await _output.FlushAsync(cancellationToken);
        var answer = await _input.ReadLineAsync(cancellationToken);
        if (answer?.Trim().ToUpperInvariant() is not ("Y" or "YES"))
        {
            await _output.WriteLineAsync();
            throw new DistributedApplicationException(answer is null
                ? "Nobody is there to answer, so nothing was changed; add --yes."
                : "Nothing was changed.");
        }
    }

    private void CheckOutput()
    {
        if (!File.Exists(Path.Combine(_options.Output, "kustomization.yaml")))
        {
            throw new DistributedApplicationException($"{_options.Output} has no kustomization.yaml; write it first, with: publish.");
        }
    }

    private IEnumerable<string> Folders()
    {
        var root = Path.Combine(_options.Output, PublishedMesh.RootNamespace);
        return File.Exists(Path.Combine(root, "kustomization.yaml")) ? [_options.Output, root] : [_options.Output];
    }

    // A line of kubectl diff: diff -u -N /tmp/LIVE-1/v1.ConfigMap.demo.ping-env /tmp/MERGED-2/v1.ConfigMap.demo.ping-env
    [GeneratedRegex(@"^diff .*/v1\.ConfigMap\.[a-z0-9-]+\.([a-z0-9-]+)-env$", RegexOptions.Multiline)]
    private static partial Regex ChangedEnvironment();
}
