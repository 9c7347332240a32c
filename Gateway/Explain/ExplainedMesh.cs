using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using Gateway.Clusters;
using Gateway.Ingress;
using Gateway.Policies;
using Gateway.Registry;
using Gateway.Routing;
using Istio.Documents;
using k8s.Models;

namespace Gateway.Explain;

/// <summary>A mesh folder, compiled as for serving, without serving.</summary>
internal sealed class ExplainedMesh : IDisposable
{
    private readonly ResourceSet _resources;
    private readonly PolicyCompiler _compiler;
    private readonly List<Finding> _findings;

    private ExplainedMesh(ResourceSet resources, PolicyCompiler compiler, List<Finding> findings)
    {
        (_resources, _compiler, _findings) = (resources, compiler, findings);
        Hosts = ServiceHosts.Build(resources, findings);
        Routes = RouteCompiler.Compile(resources, Hosts, findings);
        Policies = compiler.Compile(resources, Hosts, findings);
        var registry = ServiceRegistry.Build(resources, new ConcurrentDictionary<string, Turn>(), findings);
        Ingress = IngressCompiler.Compile(resources, registry, findings);
        HasIngress = resources.OfType<V1Ingress>().Any();
    }

    /// <summary>What is wrong in the folder.</summary>
    public IReadOnlyList<Finding> Findings => _findings;

    /// <summary>The services.</summary>
    public ServiceHosts Hosts { get; }

    /// <summary>The routes of the Istio door and of the mesh role.</summary>
    public IstioRoutes Routes { get; }

    /// <summary>The policies.</summary>
    public PolicySet Policies { get; }

    /// <summary>The Ingress door.</summary>
    public IngressDoor Ingress { get; }

    /// <summary>Whether there is an Ingress at all.</summary>
    public bool HasIngress { get; }

    /// <summary>Compiles documents.</summary>
    /// <param name="resources">The documents.</param>
    /// <param name="keys">Fetches the keys of tokens.</param>
    /// <param name="time">The clock of tokens.</param>
    /// <param name="loggers">Where failures to fetch keys are logged.</param>
    public static ExplainedMesh Compile(ResourceSet resources, HttpMessageInvoker keys, TimeProvider time, ILoggerFactory loggers) =>
        new(resources, new PolicyCompiler(time, Random.Shared, keys, loggers.CreateLogger<PolicyCompiler>()), [.. resources.Findings]);

    /// <summary>The clusters of a client, by their names.</summary>
    public FrozenDictionary<ClusterKey, ClusterDefinition> Clusters(ClusterClient client) =>
        ClusterCompiler.Compile(_resources, Hosts, client, []).ToFrozenDictionary(cluster => cluster.Key);

    /// <summary>Stops fetching keys.</summary>
    public void Dispose() => _compiler.Dispose();
}
