using System.Text.Json.Nodes;
using Dashboard.Mesh;
using Istio.Documents;

namespace Dashboard.OpenApi;

/// <summary>What stands before the paths of a service when it is called through the gateway's Ingress.</summary>
internal static class GatewayPrefix
{
    private const string RewriteTarget = "nginx.ingress.kubernetes.io/rewrite-target";

    /// <summary>
    /// The literal beginning of the path that an Ingress rewrites for the service, such as <c>/api/v1</c> of <c>/api/v1(/|$)(.*)</c>;
    /// nothing when there is none, or when the service sees the whole path.
    /// </summary>
    public static string Of(MeshDocuments mesh, string service) => mesh.Rules
        .Where(document => document.Kind == "Ingress" && document.Json["metadata"]?["annotations"] is JsonObject notes && notes.ContainsKey(RewriteTarget))
        .SelectMany(document => Items(Member(document.Json["spec"], "rules")))
        .SelectMany(rule => Items(Member(Member(rule, "http"), "paths")))
        .Where(path => Member(Member(Member(path, "backend"), "service"), "name")?.ToString() == service)
        .Select(path => Literal(Member(path, "path")?.ToString() ?? ""))
        .FirstOrDefault("");

    private static string Literal(string pattern) => pattern.Split('(', '[', '.', '*', '+', '?', '$', '\\', '|')[0].TrimStart('^').TrimEnd('/');

    private static JsonNode? Member(JsonNode? node, string name) => (node as JsonObject)?[name];

    private static IEnumerable<JsonNode> Items(JsonNode? list) => list is JsonArray array ? array.OfType<JsonNode>() : [];
}
