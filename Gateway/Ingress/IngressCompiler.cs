using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Gateway.Mesh;
using Gateway.Registry;
using Istio.Documents;
using k8s.Models;

namespace Gateway.Ingress;

/// <summary>
/// Makes the door's servers and locations from Ingress documents, in the order and by the rules with which ingress-nginx writes
/// nginx's configuration (kubernetes/ingress-nginx, internal/ingress/controller).
/// </summary>
internal sealed partial class IngressCompiler
{
    private readonly ServiceRegistry _registry;
    private readonly List<Finding> _findings;
    private readonly SortedDictionary<string, List<LocationDraft>> _servers = new(StringComparer.Ordinal)
    {
        [IngressServer.DefaultHost] = [new LocationDraft { Path = "/", IsExact = false, IsDefault = true }],
    };

    private IngressCompiler(ServiceRegistry registry, List<Finding> findings)
    {
        _registry = registry;
        _findings = findings;
    }

    /// <summary>Compiles the door.</summary>
    /// <param name="resources">The documents of the mesh folder.</param>
    /// <param name="registry">The services of the same documents.</param>
    /// <param name="findings">Receives what is wrong; with an error among them the door must not be used.</param>
    public static IngressDoor Compile(ResourceSet resources, ServiceRegistry registry, List<Finding> findings)
    {
        var compiler = new IngressCompiler(registry, findings);
        var ingresses = compiler.Select(resources);
        foreach (var source in ingresses)
        {
            compiler.AddServers(source);
        }

        foreach (var source in ingresses)
        {
            compiler.AddPaths(source);
        }

        return new IngressDoor([.. compiler._servers.Select(server => compiler.Server(server.Key, server.Value))]);
    }

    private List<IngressSource> Select(ResourceSet resources)
    {
        var classes = IngressAnnotations.Classes(resources);
        var sources = new List<IngressSource>();
        foreach (var (document, ingress) in resources.OfType<V1Ingress>())
        {
            if (sources.Any(other => other.Document.Name == document.Name && other.Document.Namespace == document.Namespace))
            {
                _findings.Add(document.At("metadata.name", GatewayCodes.Duplicate,
                    $"there is another Ingress {document.Namespace}/{document.Name}; remove one of the two"));
            }
            else if (IngressAnnotations.IsOfClass(document, ingress, classes, _findings))
            {
                sources.Add(new IngressSource(document, ingress, IngressAnnotations.Read(document, ingress, _findings)));
                WarnOfTls(document, ingress);
            }
        }

        // Oldest first, as far as the documents say; of one age the later name first.
        return
        [
            .. sources.OrderBy(source => source.Ingress.Metadata.CreationTimestamp ?? DateTime.MinValue)
                .ThenByDescending(source => $"{source.Document.Namespace}/{source.Document.Name}", StringComparer.Ordinal),
        ];
    }

    private void WarnOfTls(ResourceDocument document, V1Ingress ingress)
    {
        if (ingress.Spec?.Tls is { Count: > 0 })
        {
            _findings.Add(document.At("spec.tls", GatewayCodes.Tls,
                "the Ingress door speaks plain HTTP; in the cluster these hosts redirect to HTTPS"));
        }
    }

    /// <summary>A server for each host, with a root location of its own for the Ingress's default backend.</summary>
    private void AddServers(IngressSource source)
    {
        var rules = source.Ingress.Spec?.Rules ?? [];
        var fallback = source.Ingress.Spec?.DefaultBackend?.Service is { } backend
            ? Service(source.Document, backend, "spec.defaultBackend.service")
            : null;

        var root = _servers[IngressServer.DefaultHost];
        if (fallback is not null && rules.Count == 0 && root[0].IsDefault)
        {
            root[0] = root[0] with { IsDefault = false, Service = fallback, Document = source.Document };
        }

        foreach (var host in rules.Select(rule => rule.Host).Where(host => !string.IsNullOrEmpty(host)))
        {
            _servers.TryAdd(host, [new LocationDraft
            {
                Path = "/",
                IsExact = false,
                IsDefault = true,
                Annotations = source.Annotations,
                Service = fallback,
                Document = source.Document,
                Field = "spec.defaultBackend",
            }]);
        }
    }

    private void AddPaths(IngressSource source)
    {
        var rules = source.Ingress.Spec?.Rules ?? [];
        for (var i = 0; i < rules.Count; i++)
        {
            var locations = _servers[string.IsNullOrEmpty(rules[i].Host) ? IngressServer.DefaultHost : rules[i].Host];
            var paths = rules[i].Http?.Paths ?? [];
            for (var j = 0; j < paths.Count; j++)
            {
                var field = $"spec.rules[{i}].http.paths[{j}]";
                if (paths[j].Backend?.Service is not { } backend)
                {
                    _findings.Add(source.Document.At($"{field}.backend", GatewayCodes.Backend,
                        "only a Service can be a backend; the path is left to the default backend, as ingress-nginx does"));
                    continue;
                }

                Add(locations, Draft(source, paths[j], field, backend));
            }
        }
    }

    private LocationDraft Draft(IngressSource source, V1HTTPIngressPath path, string field, V1IngressServiceBackend backend)
    {
        if (!string.IsNullOrEmpty(path.Path) && path.PathType != "ImplementationSpecific" && !PlainPath().IsMatch(path.Path))
        {
            _findings.Add(source.Document.At($"{field}.path", GatewayCodes.PathType,
                $"path {path.Path} cannot be used with pathType {path.PathType ?? "(none)"}; patterns need ImplementationSpecific"));
        }

        return new LocationDraft
        {
            Path = string.IsNullOrEmpty(path.Path) ? "/" : path.Path,
            IsExact = path.PathType == "Exact",
            Annotations = source.Annotations,
            Service = Service(source.Document, backend, $"{field}.backend.service"),
            Document = source.Document,
            Field = $"{field}.path",
        };
    }

    /// <summary>Adds a location; of two with one path and type the first wins, and any wins over a default root location.</summary>
    private static void Add(List<LocationDraft> locations, LocationDraft draft)
    {
        var index = locations.FindIndex(location => location.Path == draft.Path && location.IsExact == draft.IsExact);
        if (index < 0)
        {
            locations.Add(draft);
        }
        else if (locations[index].IsDefault)
        {
            locations[index] = draft;
        }
    }

    private ServicePort Service(ResourceDocument document, V1IngressServiceBackend backend, string field)
    {
        var port = backend.Port?.Number is > 0 and var number ? number.ToString(CultureInfo.InvariantCulture) : backend.Port?.Name ?? "";
        if (_registry.Find(document.Namespace, backend.Name, port) is { } service)
        {
            return service;
        }

        _findings.Add(document.At(field, GatewayCodes.Backend,
            $"there is no Service {document.Namespace}/{backend.Name} with a port {port}; requests are answered with 503"));
        return new ServicePort($"{document.Namespace}/{backend.Name}:{port}", [], new Turn());
    }

    private IngressServer Server(string host, List<LocationDraft> locations)
    {
        var ordered = locations
            .OrderByDescending(location => location.Path.Length)
            .ThenByDescending(location => location.Path, StringComparer.Ordinal);
        var drafts = ordered.SelectMany(location => Normalize(location, locations)).ToList();
        var own = host == IngressServer.DefaultHost ? drafts.Where(draft => draft.Document is null).ToList() : [];
        var health = host == IngressServer.DefaultHost ? [HealthLocation.Instance] : Array.Empty<Location>();

        // ingress-nginx would make the default server's own root location a pattern too, and with it hide /healthz on this port; its probes
        // ask on another port. Here it stays a prefix location, which answers the same 404 to everything else.
        if (drafts.Any(draft => draft.NeedsRewrite || draft.Annotations.UseRegex))
        {
            var patterns = drafts.Except(own).Select(PatternLocation).OfType<Location>();
            return new IngressServer(host, new StaticLocations([], [.. health, .. own.Select(StaticLocation)]), patterns);
        }

        return new IngressServer(
            host,
            new StaticLocations(
                drafts.Where(draft => draft.IsExact).Select(StaticLocation),
                [.. drafts.Where(draft => !draft.IsExact).Select(StaticLocation), .. health]),
            []);
    }

    /// <summary>A Prefix location ends with a slash; an exact location without it comes along, unless an Ingress has one.</summary>
    private static IEnumerable<LocationDraft> Normalize(LocationDraft location, List<LocationDraft> all)
    {
        if (location.Path == "/" || location.IsExact || location.NeedsRewrite || location.Annotations.UseRegex)
        {
            return [location];
        }

        var prefix = location.Path.EndsWith('/') ? location : location with { Path = location.Path + "/" };
        return all.Any(other => other.IsExact && other.Path == location.Path) ? [prefix] : [prefix, location with { IsExact = true }];
    }

    private static Location StaticLocation(LocationDraft draft) => new(draft.Path, null, null, draft.Service);

    private Location? PatternLocation(LocationDraft draft)
    {
        var target = draft.Annotations.RewriteTarget;
        try
        {
            var pattern = PathPattern.Compile(draft.Path);
            if (!draft.NeedsRewrite)
            {
                return new Location(draft.Path, pattern, null, draft.Service);
            }

            if (target.StartsWith("http://", StringComparison.Ordinal) || target.StartsWith("https://", StringComparison.Ordinal))
            {
                throw new FormatException("an absolute URI makes nginx answer with a redirect, which is not executed here");
            }

            return new Location(draft.Path, pattern, RewriteTarget.Compile(target, pattern), draft.Service);
        }
        catch (PcreException exception)
        {
            _findings.Add(draft.Document!.At(draft.Field, GatewayCodes.Pattern,
                $"{draft.Path} cannot be compiled: {exception.Message} (at character {exception.Position + 1})"));
        }
        catch (FormatException exception)
        {
            _findings.Add(draft.Document!.At(IngressAnnotations.RewriteField, GatewayCodes.Rewrite, $"\"{target}\": {exception.Message}"));
        }

        return null;
    }

    // ingress-nginx, internal/ingress/inspector/rules.go, validPathType (strict-validate-path-type is on by default).
    [GeneratedRegex(@"^/[A-Za-z0-9._\-/]*\z")]
    private static partial Regex PlainPath();

    private sealed record IngressSource(ResourceDocument Document, V1Ingress Ingress, IngressAnnotations Annotations);
}
