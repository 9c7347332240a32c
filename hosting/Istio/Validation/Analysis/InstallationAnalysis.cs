using System.Collections.Frozen;
using System.Net;
using System.Text.Json;
using Istio.Documents;
using Istio.Security;

namespace Istio.Validation.Analysis;

/// <summary>What installs Istio and the Gateway API: webhooks, custom resource definitions, the control plane.</summary>
internal static class InstallationAnalysis
{
    private const string Revision = "istio.io/rev";
    private const string BlockedRanges = "BLOCKED_CIDRS_IN_JWKS_URIS";

    private static readonly string[] Validators = ["istiod-default-validator", "istio-validator"];

    // pkg/config/schema/gatewayapi/minimumversions.go of Istio: older definitions are not watched.
    private static readonly FrozenDictionary<string, Version> MinimumVersions = new Dictionary<string, Version>
    {
        ["grpcroutes.gateway.networking.k8s.io"] = new(1, 1, 0),
        ["backendtlspolicies.gateway.networking.k8s.io"] = new(1, 4, 0),
        ["tlsroutes.gateway.networking.k8s.io"] = new(1, 5, 0),
        ["tcproutes.gateway.networking.k8s.io"] = new(1, 6, 0),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static void Check(Mesh mesh)
    {
        foreach (var (document, resource) in mesh.Resources.OfType<UntypedResource>())
        {
            switch (document)
            {
                case { Kind: "ValidatingWebhookConfiguration" }
                    when Validators.Any(name => document.Name.StartsWith(name, StringComparison.Ordinal)):
                case { Kind: "MutatingWebhookConfiguration" }
                    when document.Name.StartsWith("istio-sidecar-injector", StringComparison.Ordinal):
                    CheckAddresses(mesh.At(document), resource.Content);
                    break;
                case { Kind: "CustomResourceDefinition" }:
                    CheckDefinition(mesh.At(document), resource);
                    break;
                case { Kind: "Deployment" } when resource.Metadata.Labels.GetValueOrDefault("app") == "istiod":
                    CheckControlPlane(mesh, mesh.At(document), resource.Content);
                    break;
            }
        }

        CheckInjectors(mesh, [.. Injectors(mesh)]);
    }

    /// <summary>The webhooks of the documents that inject sidecars.</summary>
    public static IEnumerable<(Place At, JsonElement Webhook)> Injectors(Mesh mesh)
    {
        foreach (var (document, resource) in mesh.Resources.OfType<UntypedResource>())
        {
            var webhooks = document.Kind == "MutatingWebhookConfiguration" ? Json.Items(resource.Content, "webhooks").ToArray() : [];
            for (var i = 0; webhooks.Any(IsIstio) && i < webhooks.Length; i++)
            {
                yield return (mesh.At(document)["webhooks"][i], webhooks[i]);
            }
        }
    }

    private static bool IsIstio(JsonElement webhook) => Json.Text(webhook, "name")?.EndsWith("istio.io", StringComparison.Ordinal) == true;

    /// <summary>False for the same webhook of one configuration in another file: a cluster has one of them.</summary>
    private static bool IsOther((Place At, JsonElement Webhook)[] injectors, int one, int other) =>
        ReferenceEquals(injectors[one].At.Document, injectors[other].At.Document)
        || Others.Than(injectors[one].At.Document, injectors[other].At.Document);

    /// <summary>Labels that the injectors tell apart: a pod must be matched by one of them at most.</summary>
    private static void CheckInjectors(Mesh mesh, (Place At, JsonElement Webhook)[] injectors)
    {
        var revisions = injectors.SelectMany(injector => Revisions(injector.Webhook)).Prepend(null).Distinct().ToArray();
        var overlaps = new HashSet<(int, int)>();
        foreach (var space in Combine("istio-injection", ["enabled", "disabled"], revisions))
        {
            foreach (var pod in Combine("sidecar.istio.io/inject", ["true", "false"], revisions))
            {
                var matching = Enumerable.Range(0, injectors.Length)
                    .Where(i => HasSelector(injectors[i].Webhook)
                        && LabelSelectors.Matches(injectors[i].Webhook, "namespaceSelector", space)
                        && LabelSelectors.Matches(injectors[i].Webhook, "objectSelector", pod)).ToArray();
                overlaps.UnionWith(matching.SelectMany(i => matching.Where(j => i != j && IsOther(injectors, i, j)).Select(j => (i, j))));
            }
        }

        for (var i = 0; i < injectors.Length; i++)
        {
            var (at, webhook) = injectors[i];
            var others = overlaps.Where(pair => pair.Item1 == i).Select(pair => injectors[pair.Item2])
                .Select(other => $"{other.At.Document.Name}/{Json.Text(other.Webhook, "name")}").Distinct().ToArray();
            if (others.Length > 0)
            {
                at.Report(AnalysisCodes.InvalidWebhook,
                    $"{string.Join(", ", others)} injects the same pods, which would get two sidecars; make the selectors disjoint.");
            }

            if (Json.TryGet(webhook, out var service, "clientConfig", "service")
                && (Json.Text(service, "name") ?? "", Json.Text(service, "namespace") ?? "") is var (name, owner)
                && mesh.HasServicesOf(owner) && mesh.FindService(Mesh.Resolve(name, owner)) is null)
            {
                at["clientConfig"]["service"].Report(AnalysisCodes.InvalidWebhook,
                    $"There is no Service {owner}/{name}, so nothing injects and pods may not start; correct the name.");
            }
        }
    }

    /// <summary>One without selectors is an excerpt: Istio installs none.</summary>
    private static bool HasSelector(JsonElement webhook) =>
        Json.TryGet(webhook, out _, "namespaceSelector") || Json.TryGet(webhook, out _, "objectSelector");

    private static IEnumerable<Dictionary<string, string>> Combine(string key, string[] values, string?[] revisions) =>
        from revision in revisions
        from value in values.Prepend(null)
        select new[] { (key, value), (Revision, revision) }.Where(label => label.Item2 is not null)
            .ToDictionary(label => label.Item1, label => label.Item2!);

    private static readonly string[] Selectors = ["namespaceSelector", "objectSelector"];

    private static IEnumerable<string?> Revisions(JsonElement webhook) =>
        Selectors.SelectMany(selector =>
            Json.Items(webhook, selector, "matchExpressions").Where(expression => Json.Text(expression, "key") == Revision)
                .SelectMany(expression => Json.Items(expression, "values")).Select(value => value.ToString())
                .Concat(Json.Text(webhook, selector, "matchLabels", Revision) is { } revision ? [revision] : []));

    private static void CheckAddresses(Place at, JsonElement configuration)
    {
        var index = 0;
        foreach (var webhook in Json.Items(configuration, "webhooks"))
        {
            var place = at["webhooks"][index++]["clientConfig"];
            if (Json.Text(webhook, "clientConfig", "url") is { } url)
            {
                if (!Uri.TryCreate(url, UriKind.Absolute, out var parsed))
                {
                    place["url"].Report(AnalysisCodes.ExternalControlPlane, $"\"{url}\" is not a URL; write https://host:port/path.");
                }
                else if (IPAddress.TryParse(parsed.Host.Trim('[', ']'), out _))
                {
                    place["url"].Report(AnalysisCodes.ControlPlaneAddress,
                        $"\"{url}\" names the control plane by its IP address, which may change; use a host name.");
                }
            }
            else if (!Json.TryGet(webhook, out _, "clientConfig", "service"))
            {
                place.Report(AnalysisCodes.ExternalControlPlane,
                    "The webhook names neither a service nor a url, so nobody reaches the control plane; add one of the two.");
            }
        }
    }

    private static void CheckDefinition(Place at, UntypedResource definition)
    {
        if (Json.Text(definition.Content, "spec", "group") == "rbac.istio.io")
        {
            at["spec"]["group"].Report(AnalysisCodes.Deprecated, "Istio has removed the kinds of rbac.istio.io; use AuthorizationPolicy.");
        }

        if (MinimumVersions.TryGetValue(at.Document.Name, out var minimum)
            && definition.Metadata.Annotations.TryGetValue("gateway.networking.k8s.io/bundle-version", out var bundle)
            && Version.TryParse(bundle.TrimStart('v').Split('-', '+')[0], out var installed) && installed < minimum)
        {
            at["metadata"]["annotations"]["gateway.networking.k8s.io/bundle-version"].Report(AnalysisCodes.OldDefinition,
                $"Istio does not watch {at.Document.Name} of version {bundle}; install Gateway API {minimum} or newer.");
        }
    }

    private static void CheckControlPlane(Mesh mesh, Place at, JsonElement deployment)
    {
        var names = mesh.Resources.OfType<RequestAuthentication>()
            .Select(pair => $"{pair.Document.Namespace}/{pair.Document.Name}").ToArray();
        var isLimited = Json.Items(deployment, "spec", "template", "spec", "containers")
            .SelectMany(container => Json.Items(container, "env"))
            .Any(variable => Json.Text(variable, "name") == BlockedRanges && Json.Text(variable, "value") is { Length: > 0 });
        if (names.Length > 0 && !isLimited)
        {
            at["spec"]["template"]["spec"]["containers"].Report(AnalysisCodes.UnrestrictedKeys,
                $"Istiod fetches the keys of {string.Join(", ", names.Take(5))}{(names.Length > 5 ? ", ..." : "")} from any address, "
                + $"internal ones too; limit it with {BlockedRanges}.");
        }
    }
}
