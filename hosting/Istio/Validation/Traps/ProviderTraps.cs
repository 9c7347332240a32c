using Istio.Documents;
using Istio.MeshConfiguration;
using Istio.Security;

namespace Istio.Validation.Traps;

/// <summary>External authorizers of the mesh configuration that cannot be asked, and CUSTOM policies that name none.</summary>
internal static class ProviderTraps
{
    public static void Check(Mesh mesh)
    {
        var sources = MeshConfigReader.Read(mesh.Resources).ToArray();
        foreach (var source in sources)
        {
            CheckSource(mesh, source);
        }

        if (sources.Length > 0)
        {
            CheckPolicies(mesh, sources);
        }
    }

    private static void CheckSource(Mesh mesh, MeshConfigSource source)
    {
        foreach (var (field, message) in source.Misfits)
        {
            Report(mesh, source, field, field.Length == 0 ? message : $"{field} {message}");
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < source.Config.ExtensionProviders.Count; i++)
        {
            var provider = source.Config.ExtensionProviders[i];
            var at = $"extensionProviders[{i}]";
            foreach (var (field, message) in ExtensionProviderFaults.Find(provider))
            {
                Report(mesh, source, $"{at}.{field}", message);
            }

            if (!string.IsNullOrEmpty(provider.Name) && !names.Add(provider.Name))
            {
                Report(mesh, source, $"{at}.name", $"There are several providers \"{provider.Name}\"; give each a name of its own.");
            }

            CheckService(mesh, source, $"{at}.envoyExtAuthzHttp", provider.EnvoyExtAuthzHttp?.Service, provider.EnvoyExtAuthzHttp?.Port);
            CheckService(mesh, source, $"{at}.envoyExtAuthzGrpc", provider.EnvoyExtAuthzGrpc?.Service, provider.EnvoyExtAuthzGrpc?.Port);
        }
    }

    /// <summary>Only where the documents evidently hold the services of its namespace.</summary>
    private static void CheckService(Mesh mesh, MeshConfigSource source, string at, string? service, uint? port)
    {
        var host = service?[(service.IndexOf('/', StringComparison.Ordinal) + 1)..] ?? "";
        var found = mesh.FindService(host);
        if (found is null && Mesh.SplitClusterHost(host) is { } cluster && mesh.HasServicesOf(cluster.Namespace))
        {
            Report(mesh, source, $"{at}.service", $"There is no Service {cluster.Namespace}/{cluster.Name}; correct the name, or add it.");
        }
        else if (found is not null && port is { } number && found.Ports.All(known => known.Number != number))
        {
            Report(mesh, source, $"{at}.port", $"{host} has no port {number}; its ports are "
                + $"{string.Join(", ", found.Ports.Select(known => known.Number))}.");
        }
    }

    private static void CheckPolicies(Mesh mesh, MeshConfigSource[] sources)
    {
        var names = sources.SelectMany(source => source.Config.ExtensionProviders)
            .Where(provider => provider.EnvoyExtAuthzHttp is not null || provider.EnvoyExtAuthzGrpc is not null)
            .Select(provider => provider.Name ?? "").Distinct().ToArray();
        foreach (var (document, policy) in mesh.Resources.OfType<AuthorizationPolicy>())
        {
            if (policy.Spec is { Action: PolicyAction.Custom, Provider.Name: { Length: > 0 } name } && !names.Contains(name))
            {
                mesh.At(document)["spec"]["provider"]["name"].Report(TrapCodes.UnknownProvider,
                    $"The mesh configuration has no external authorizer \"{name}\""
                    + $"{(names.Length == 0 ? "" : $" (it has {string.Join(", ", names)})")}, so every request that the policy covers is denied; "
                    + "correct the name, or add the provider.");
            }
        }
    }

    /// <summary>YAML within YAML is one field of the document, so that its own field is a part of the message.</summary>
    private static void Report(Mesh mesh, MeshConfigSource source, string field, string message)
    {
        var path = source.FieldOf(field);
        var at = mesh.At(source.Document) with { Path = path };
        at.Report(TrapCodes.UnusableProvider, path.EndsWith(field, StringComparison.Ordinal) ? message : $"{field}: {message}");
    }
}
