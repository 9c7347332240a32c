using System.Collections.Immutable;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Hosting.Istio.Publishing.Aspirate;
using Hosting.Istio.Publishing.Components;
using Istio.Documents;
using Istio.Validation;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Hosting.Istio.Publishing;

/// <summary>
/// Makes the files of a deployment from the model. All of them are there, and have been validated, before the first is written.
/// </summary>
internal sealed partial class MeshPublisher
{
    private readonly IstioResource _mesh;
    private readonly string _appHostDirectory;

    public MeshPublisher(IstioResource mesh, string appHostDirectory)
    {
        _mesh = mesh;
        _appHostDirectory = appHostDirectory;
    }

    /// <summary>Writes the components: what belongs to the output of aspirate but does not come from its templates.</summary>
    public void WriteComponents(PublishScope scope)
    {
        var started = TimeProvider.System.GetTimestamp();
        var options = OptionsOf(scope);
        var tree = new OutputTree();
        AddComponents(tree, scope, options);
        var changed = new OutputFolder(options.Output, ComponentSet.Owns).Write(tree);
        var milliseconds = (long)TimeProvider.System.GetElapsedTime(started).TotalMilliseconds;
        LogWritten(scope.Logger, changed, options.Output, milliseconds);
    }

    /// <summary>Writes everything: the components, and what aspirate would make from the manifest and the templates.</summary>
    public async Task WriteAllAsync(PublishScope scope)
    {
        var started = TimeProvider.System.GetTimestamp();
        var options = OptionsOf(scope);
        var tree = new OutputTree();
        var resources = await ModelManifest.WriteAsync(scope.Model, scope.ExecutionContext, scope.CancellationToken);
        var renderer = new AspirateRenderer(AspirateSettings.Read(_appHostDirectory), options);
        var rendered = new OutputTree();

        // Neither needs the other, and each spends most of its time on code that runs for the first time.
        await Task.WhenAll(
            Task.Run(() => renderer.Render(resources, rendered), scope.CancellationToken),
            Task.Run(() => AddComponents(tree, scope, options), scope.CancellationToken));
        tree.Add(rendered);
        var changed = new OutputFolder(options.Output, file => Owns(file, options.Output)).Write(tree);
        var milliseconds = (long)TimeProvider.System.GetElapsedTime(started).TotalMilliseconds;
        LogWritten(scope.Logger, changed, options.Output, milliseconds);
    }

    /// <summary>What the configuration says about publishing.</summary>
    public PublishOptions OptionsOf(PublishScope scope) =>
        PublishOptions.Read(scope.Services.GetRequiredService<IConfiguration>(), _appHostDirectory);

    private void AddComponents(OutputTree tree, PublishScope scope, PublishOptions options)
    {
        var mesh = PublishedMesh.Of(scope.Model, _mesh, options);
        string[] own = [ResourceDocument.DefaultNamespace, options.Namespace];
        if (mesh.ApplicationRules.FirstOrDefault(rule => !own.Contains(rule.Namespace)) is { } elsewhere)
        {
            throw new DistributedApplicationException(
                $"{elsewhere.Location}: {elsewhere.Kind} {elsewhere.Name} is in namespace {elsewhere.Namespace}, and the application is " +
                    $"deployed to {options.Namespace}; leave metadata.namespace out, use --Namespace={elsewhere.Namespace}, or " +
                    $"{PublishedMesh.RootNamespace} for the whole mesh.");
        }

        ComponentSet.WriteTo(tree, mesh);
        Validate(tree);
        GatewayApiComponent.Routes(mesh, reason => LogNotSayable(scope.Logger, reason));
        if (options.StrictMtls)
        {
            foreach (var exempt in IstioComponent.ReachedFromOutside(mesh))
            {
                LogExempt(scope.Logger, exempt.Name);
            }
        }
    }

    /// <summary>The documents as they will be applied, read back: what cannot be read, or would be refused, is not written.</summary>
    private static void Validate(OutputTree tree)
    {
        var documents = tree.Files
            .Where(file => ComponentSet.Owns(file.Key) && !file.Key.EndsWith("kustomization.yaml", StringComparison.Ordinal))
            .Where(file => !file.Key.Contains($"/{GatewayRules.Folder}/", StringComparison.Ordinal))
            .Select(file => ResourceReader.ReadText(file.Value, file.Key)).ToList();
        var findings = documents.SelectMany(set => set.Findings)
            .Concat(documents.SelectMany(set => set.Documents).Select(document => new ResourceSet([document], [])).SelectMany(Admission))
            .Where(finding => finding.Severity == Severity.Error).ToImmutableArray();
        if (!findings.IsEmpty)
        {
            throw new DistributedApplicationException(string.Join(Environment.NewLine, findings));
        }
    }

    // One document at a time: what they refer to was validated with the model, before the publish began.
    private static IEnumerable<Finding> Admission(ResourceSet document) =>
        Validator.Validate(document).Where(finding => finding.Code.StartsWith("IST0106", StringComparison.Ordinal));

    /// <summary>A resource's folder, the root's own files, and the components; whatever else is in the folder is left alone.</summary>
    private static bool Owns(string file, string output)
    {
        if (ComponentSet.Owns(file) || file is "kustomization.yaml" or "namespace.yaml")
        {
            return true;
        }

        var folder = Path.Combine(output, file.Split('/')[0]);
        return File.Exists(Path.Combine(folder, "kustomization.yaml"))
            && (File.Exists(Path.Combine(folder, "deployment.yaml")) || File.Exists(Path.Combine(folder, "statefulset.yaml")));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} files changed in {Output} after {Milliseconds} ms")]
    private static partial void LogWritten(ILogger logger, int count, string output, long milliseconds);

    [LoggerMessage(Level = LogLevel.Information, Message = "Left out of gateway-api: {Reason}")]
    private static partial void LogNotSayable(ILogger logger, string reason);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "mTLS is STRICT, but {Resource} accepts plain text on its port: who calls it from outside has no sidecar")]
    private static partial void LogExempt(ILogger logger, string resource);
}

/// <summary>What publishing needs of a pipeline step.</summary>
internal sealed record PublishScope(
    DistributedApplicationModel Model,
    DistributedApplicationExecutionContext ExecutionContext,
    IServiceProvider Services,
    ILogger Logger,
    CancellationToken CancellationToken);
