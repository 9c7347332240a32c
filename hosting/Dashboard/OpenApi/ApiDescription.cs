using System.Text.Json.Nodes;

namespace Dashboard.OpenApi;

/// <summary>A parameter of an operation.</summary>
/// <param name="Name">Its name.</param>
/// <param name="In">Where it goes: <c>path</c>, <c>query</c>, <c>header</c> or <c>cookie</c>.</param>
/// <param name="IsRequired">Whether the operation needs it.</param>
public sealed record ApiParameter(string Name, string In, bool IsRequired);

/// <summary>An operation of a service.</summary>
/// <param name="Method">The method of HTTP.</param>
/// <param name="Path">The path, with names in braces for the parameters in it.</param>
/// <param name="Summary">What it does.</param>
/// <param name="Parameters">What it takes.</param>
/// <param name="BodyType">The media type of the body it takes; null when it takes none.</param>
/// <param name="Responses">What it answers.</param>
public sealed record ApiOperation(
    string Method,
    string Path,
    string Summary,
    IReadOnlyList<ApiParameter> Parameters,
    string? BodyType,
    IReadOnlyList<(string Status, string Description)> Responses)
{
    /// <summary>The path and the query with the values of parameters in them.</summary>
    public string Fill(IReadOnlyDictionary<ApiParameter, string> values)
    {
        var path = Path;
        var query = new List<string>();
        foreach (var (parameter, value) in values.Where(pair => pair.Value.Length > 0))
        {
            var text = Uri.EscapeDataString(value);
            if (parameter.In == "path")
            {
                path = path.Replace($"{{{parameter.Name}}}", text, StringComparison.Ordinal);
            }
            else if (parameter.In == "query")
            {
                query.Add($"{Uri.EscapeDataString(parameter.Name)}={text}");
            }
        }

        return query.Count == 0 ? path : $"{path}?{string.Join('&', query)}";
    }
}

/// <summary>What a service says of its API.</summary>
internal sealed record ApiDescription(string Title, string Version, IReadOnlyList<ApiOperation> Operations)
{
    private const string Json = "application/json";
    private const string SharedParameters = "#/components/parameters/";

    private static readonly string[] Methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

    /// <summary>Reads a document of OpenAPI 3 (https://spec.openapis.org/oas/v3.1.1.html); what does not fit is left out.</summary>
    public static ApiDescription Read(JsonNode document) => new(
        Text(document["info"]?["title"]) ?? "",
        Text(document["info"]?["version"]) ?? "",
        [.. from path in document["paths"] as JsonObject ?? []
            from operation in path.Value as JsonObject ?? []
            where Methods.Contains(operation.Key)
            select Read(document, path, operation)]);

    private static ApiOperation Read(JsonNode document, KeyValuePair<string, JsonNode?> path, KeyValuePair<string, JsonNode?> operation)
    {
        var details = operation.Value as JsonObject;
        var bodies = (details?["requestBody"] as JsonObject)?["content"] as JsonObject;
        return new ApiOperation(
            operation.Key.ToUpperInvariant(),
            path.Key,
            Text(details?["summary"]) ?? Text(details?["description"]) ?? Text(details?["operationId"]) ?? "",

            // Those of the path hold for each of its operations, unless the operation says it in its own way.
            [.. Parameters(document, details?["parameters"]).Concat(Parameters(document, path.Value?["parameters"]))
                .DistinctBy(parameter => (parameter.Name, parameter.In))],
            bodies is { Count: > 0 } ? (bodies.ContainsKey(Json) ? Json : bodies.First().Key) : null,
            [.. (details?["responses"] as JsonObject ?? []).Select(response =>
                (response.Key, Text((response.Value as JsonObject)?["description"]) ?? ""))]);
    }

    private static IEnumerable<ApiParameter> Parameters(JsonNode document, JsonNode? list)
    {
        foreach (var given in (list as JsonArray ?? []).OfType<JsonObject>())
        {
            var shared = Text(given["$ref"]) is { } reference && reference.StartsWith(SharedParameters, StringComparison.Ordinal)
                ? document["components"]?["parameters"]?[reference[SharedParameters.Length..]] as JsonObject
                : null;
            var parameter = shared ?? given;
            if (Text(parameter["name"]) is { } name && Text(parameter["in"]) is { } place)
            {
                yield return new ApiParameter(name, place, Text(parameter["required"]) == "true");
            }
        }
    }

    private static string? Text(JsonNode? node) => (node as JsonValue)?.ToString() is { Length: > 0 } text ? text : null;
}
