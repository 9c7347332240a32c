using System.Collections.Immutable;
using Istio.Documents;
using Istio.Extensions;
using Istio.Networking;
using Istio.Security;
using Istio.Validation.Syntax;
using k8s.Models;

namespace Istio.Validation.Admission;

/// <summary>What one document shows by itself: unknown fields, metadata, and the rules of its kind.</summary>
internal static class DocumentRules
{
    private const string DryRun = "istio.io/dry-run";

    // Annotations by which Istio marks what it generates; its webhook refuses them from users.
    private static readonly string[] Reserved =
        ["internal.istio.io/parents", "internal.istio.io/parent-namespace", "internal.istio.io/webhook-always-reject"];

    public static void Check(Place at)
    {
        CheckUnknownFields(at);
        CheckMetadata(at["metadata"]);
        switch (at.Document.Resource)
        {
            case VirtualService resource: VirtualServiceRules.Check(at, resource); break;
            case DestinationRule resource: DestinationRuleRules.Check(at, resource); break;
            case Gateway resource: GatewayRules.Check(at, resource); break;
            case ServiceEntry resource: ServiceEntryRules.Check(at, resource); break;
            case WorkloadEntry resource: WorkloadEntryRules.Check(at, resource); break;
            case Sidecar resource: SidecarRules.Check(at, resource); break;
            case EnvoyFilter resource: EnvoyFilterRules.Check(at, resource); break;
            case WorkloadGroup resource: WorkloadGroupRules.Check(at, resource); break;
            case ProxyConfig resource: CheckProxyConfig(at["spec"], resource.Spec); break;
            case WasmPlugin resource: ExtensionRules.Check(at, resource); break;
            case TrafficExtension resource: ExtensionRules.Check(at, resource); break;
            case PeerAuthentication resource: PeerAuthenticationRules.Check(at, resource); break;
            case RequestAuthentication resource: RequestAuthenticationRules.Check(at, resource); break;
            case AuthorizationPolicy resource: AuthorizationPolicyRules.Check(at, resource); break;
            case Telemetry.Telemetry resource: TelemetryRules.Check(at, resource); break;
            case GatewayApi.HTTPRoute resource: GatewayApiRouteRules.Check(at, resource); break;
            case GatewayApi.Gateway resource: GatewayApiGatewayRules.Check(at, resource); break;
            case V1Ingress resource: IngressRules.Check(at, resource); break;
            case V1Service resource: ServiceRules.Check(at, resource); break;
        }
    }

    private static void CheckProxyConfig(Place at, ProxyConfigSpec spec)
    {
        PolicyTargetRules.Check(at, spec.Selector, null, default);
        foreach (var (name, value) in spec.EnvironmentVariables.Where(variable => variable.Value.Length > 2048))
        {
            at["environmentVariables"][name].Reject($"has {value.Length} characters; at most 2048 are allowed.");
        }
    }

    private static void CheckUnknownFields(Place at)
    {
        var document = at.Document;
        if (document.UnknownFields.IsEmpty
            || ResourceTypes.Find(ResourceTypes.SplitApiVersion(document.ApiVersion).Group, document.Kind) is not { } type)
        {
            return;
        }

        foreach (var field in document.UnknownFields)
        {
            // What controllers report is theirs; the CRDs keep unknown fields there.
            var steps = FieldPath.Split(field).ToArray();
            if (steps is ["status", ..])
            {
                continue;
            }

            var known = MembersAt(Schema.Of(type.Type), steps[..^1]);
            var suggestion = Spelling.Nearest(steps[^1].ToString()!, known);
            (at with { Path = field }).Reject(suggestion is null
                ? $"There is no field \"{steps[^1]}\" here; remove it."
                : $"There is no field \"{steps[^1]}\" here; did you mean {suggestion}?");
        }
    }

    private static ImmutableArray<string> MembersAt(Schema schema, object[] steps)
    {
        foreach (var step in steps)
        {
            if (schema.Kind is SchemaKind.Array or SchemaKind.Map)
            {
                schema = schema.Item;
            }
            else if (step is not string member || !schema.Members.TryGetValue(member, out schema!))
            {
                return [];
            }
        }

        return schema.Kind == SchemaKind.Object ? [.. schema.Members.Keys] : [];
    }

    private static void CheckMetadata(Place at)
    {
        var document = at.Document;

        // Some kinds of other groups have freer names, for example RBAC's.
        if (document.Name.Length == 0)
        {
            CheckGenerateName(at);
        }
        else if (document.Resource is not UntypedResource && !DnsNames.IsSubdomain(document.Name))
        {
            at["name"].Reject($"\"{document.Name}\" is not the name of a resource; use lower-case letters, digits, hyphens and dots.");
        }

        if (!DnsNames.IsLabel(document.Namespace))
        {
            at["namespace"].Reject($"\"{document.Namespace}\" is not a namespace; use letters, digits and hyphens.");
        }

        foreach (var (key, value) in Metadata.Labels(document))
        {
            at["labels"][key].Reject(LabelSyntax.CheckKey(key) ?? LabelSyntax.CheckValue(value));
        }

        foreach (var key in Metadata.Annotations(document).Keys)
        {
            at["annotations"][key].Reject(LabelSyntax.CheckKey(key) ?? CheckReserved(document, key));
        }
    }

    /// <summary>The beginning of the names that the API server makes: it may end with a hyphen; letters and digits are added.</summary>
    private static void CheckGenerateName(Place at)
    {
        if (at.Document.Resource is not UntypedResource && Metadata.GenerateName(at.Document) is { } prefix
            && !DnsNames.IsSubdomain(prefix.TrimEnd('-') + "-a"))
        {
            at["generateName"].Reject(
                $"\"{prefix}\" is not the beginning of a resource's name; use lower-case letters, digits, hyphens and dots.");
        }
    }

    private static string? CheckReserved(ResourceDocument document, string key) =>
        document.Resource is not Resource ? null
        : Reserved.Contains(key) ? $"{key} is for Istio's own use; remove it."
        : key == DryRun && document.Resource is not AuthorizationPolicy
            ? "Only an AuthorizationPolicy can be tried by a dry run; remove the annotation."
        : null;
}
