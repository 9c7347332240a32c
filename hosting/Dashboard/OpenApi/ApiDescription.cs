using System.Text.Json.Nodes;

namespace Dashboard.OpenApi;

/// <summary>An operation of a service.</summary>
internal sealed record ApiOperation(
    string Method, string Path, string Summary, IReadOnlyList<string> Parameters, IReadOnlyList<(string Status, string Description)> Responses);

/// <summary>What a service says of its API.</summary>
internal sealed record ApiDescription(string Title, string Version, IReadOnlyList<ApiOperation> Operations)
{
    private static readonly string[] Methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

    /// <summary>Reads a document of OpenAPI 3 (https://spec.openapis.org/oas/v3.1.1.html); what does not fit is left out.</summary>
    public static ApiDescription Read(JsonNode document) => new(
        Text(document["info"]?["title"]) ?? "",
        Text(document["info"]?["version"]) ?? "",
        [.. from path in document["paths"] as JsonObject ?? []
            from operation in path.Value as JsonObject ?? []
            where Methods.Contains(operation.Key)
            select Read(operation.Key.ToUpperInvariant(), path.Key, operation.Value)]);

    private static ApiOperation Read(string method, string path, JsonNode? operation) => new(
        method,
        path,
        Text(operation?["summary"]) ?? Text(operation?["description"]) ?? Text(operation?["operationId"]) ?? "",
        [.. (operation?["parameters"] as JsonArray ?? []).Select(parameter => $"{Text(parameter?["name"])} ({Text(parameter?["in"])})")],
        [.. (operation?["responses"] as JsonObject ?? []).Select(response => (response.Key, Text(response.Value?["description"]) ?? ""))]);

    private static string? Text(JsonNode? node) => (node as JsonValue)?.ToString() is { Length: > 0 } text ? text : null;
}
