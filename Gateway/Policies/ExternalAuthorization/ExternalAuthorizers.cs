using Gateway.Clusters;
using Gateway.Mesh;
using Gateway.Registry;
using Istio.Documents;
using Istio.MeshConfiguration;

namespace Gateway.Policies.ExternalAuthorization;

/// <summary>The external authorizers of the mesh configuration, by name; for those that cannot be asked, why.</summary>
/// <remarks>
/// Istio pilot/pkg/security/authz/builder/extauthz.go (processExtensionProvider), pilot/pkg/model/telemetry_logging.go (LookupCluster)
/// </remarks>
internal sealed class ExternalAuthorizers
{
    private readonly Dictionary<string, ExternalAuthorizer> _authorizers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _faults = new(StringComparer.Ordinal);

    /// <summary>Compiles the authorizers of the first document that has extension providers.</summary>
    /// <param name="resources">The documents.</param>
    /// <param name="hosts">Their hosts.</param>
    /// <param name="findings">Receives what is executed otherwise than it seems; what is wrong is left to validation.</param>
    public static ExternalAuthorizers Compile(ResourceSet resources, ServiceHosts hosts, List<Finding> findings)
    {
        var authorizers = new ExternalAuthorizers();
        if (MeshConfigReader.Read(resources).FirstOrDefault(source => !source.Config.ExtensionProviders.IsEmpty) is { } source)
        {
            for (var i = 0; i < source.Config.ExtensionProviders.Count; i++)
            {
                authorizers.Add(source, $"extensionProviders[{i}]", source.Config.ExtensionProviders[i], hosts, findings);
            }
        }

        return authorizers;
    }

    /// <summary>The authorizer of a name; null when there is none that can be asked.</summary>
    public ExternalAuthorizer? Find(string name) => _faults.ContainsKey(name) ? null : _authorizers.GetValueOrDefault(name);

    /// <summary>Why the authorizer of a name cannot be asked, as part of a sentence.</summary>
    public string FaultOf(string name) =>
        _faults.TryGetValue(name, out var fault)
            ? $"the external authorizer \"{name}\" cannot be asked ({fault.TrimEnd('.')})"
            : $"no external authorizer \"{name}\" is configured (meshConfig.extensionProviders of an IstioOperator, or of the ConfigMap "
                + "istio in istio-system)";

    private void Add(
        MeshConfigSource source, string at, MeshExtensionProvider provider, ServiceHosts hosts, List<Finding> findings)
    {
        if (provider is { EnvoyExtAuthzHttp: null, EnvoyExtAuthzGrpc: null })
        {
            return;
        }

        var name = provider.Name ?? "";
        var (service, port) = (provider.EnvoyExtAuthzHttp?.Service ?? provider.EnvoyExtAuthzGrpc?.Service ?? "",
            provider.EnvoyExtAuthzHttp?.Port ?? provider.EnvoyExtAuthzGrpc?.Port ?? 0);
        if (_authorizers.ContainsKey(name))
        {
            _faults.TryAdd(name, "there are several of that name");
        }
        else if (ExtensionProviderFaults.Find(provider).FirstOrDefault() is { Field: not null } fault)
        {
            _faults.TryAdd(name, $"{fault.Field}: {fault.Message}");
        }
        else if (Lookup(service, hosts, out var reason) is { } host)
        {
            _authorizers[name] = ExternalAuthorizer.Of(provider, new ClusterKey(host.Name, (int)port));
            Report(source, at, provider, host, (int)port, findings);
        }
        else
        {
            _faults.TryAdd(name, reason);
        }
    }

    /// <summary>The service of a name, which Istio takes by its full name only.</summary>
    private static ServiceHost? Lookup(string service, ServiceHosts hosts, out string reason)
    {
        var slash = service.IndexOf('/', StringComparison.Ordinal);
        var (space, name) = (slash < 0 ? null : service[..slash], service[(slash + 1)..]);
        var found = hosts.All.Where(host => host.Name == name && (space is null || host.Namespace == space)).ToArray();
        reason = found.Length > 1 ? $"{name} is in several namespaces; write namespace/{name}" : $"there is no service {service}";
        return found.Length == 1 ? found[0] : null;
    }

    private static void Report(
        MeshConfigSource source, string at, MeshExtensionProvider provider, ServiceHost host, int port, List<Finding> findings)
    {
        var kind = provider.EnvoyExtAuthzGrpc is null ? "envoyExtAuthzHttp" : "envoyExtAuthzGrpc";
        void Add(string field, string message) =>
            findings.Add(source.Document.At(source.FieldOf($"{at}.{kind}.{field}"), PolicyCodes.Authorizer, message));
        if (provider.EnvoyExtAuthzHttp?.ClearRouteCache == true || provider.EnvoyExtAuthzGrpc?.ClearRouteCache == true)
        {
            Add("clearRouteCache", "Istio does not pass it on to Envoy: the route stays, whatever headers the authorizer changes");
        }

        if (host.FindPort(port) is not { } found)
        {
            Add("port", $"{host.Name} has no port {port}, so that every check fails");
        }
        else if (provider.EnvoyExtAuthzGrpc is not null && found.Protocol is not (PortProtocol.Grpc or PortProtocol.Http2))
        {
            Add("port", $"port {port} of {host.Name} does not say that it speaks gRPC, so that Envoy asks it in HTTP/1.1; name it grpc");
        }
    }
}
