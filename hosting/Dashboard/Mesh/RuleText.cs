using System.Globalization;
using System.Text.Json.Nodes;
using Dashboard.Localization;
using Istio.Documents;

namespace Dashboard.Mesh;

/// <summary>One line of a rule in words: for what it holds, and what is done.</summary>
internal sealed record RuleLine(string When, string Then);

/// <summary>
/// Says in words what a document does. Works on the JSON, so that a document that does not fit its schema is still shown; what it has no
/// words for is left to the YAML beside it.
/// </summary>
internal sealed class RuleText(Texts texts)
{
    private const string RewriteTarget = "nginx.ingress.kubernetes.io/rewrite-target";

    /// <summary>The lines of a document.</summary>
    public IReadOnlyList<RuleLine> Describe(ResourceDocument document)
    {
        try
        {
            var lines = document.Kind switch
            {
                "Ingress" => Ingress(document.Json),
                "VirtualService" => VirtualService(document.Json),
                "DestinationRule" => DestinationRule(document.Json),
                "Gateway" => Gateway(document.Json),
                "AuthorizationPolicy" => [new RuleLine(Selector(document.Json), $"{texts["rule.action"]} {Text(document.Json["spec"]?["action"]) ?? "ALLOW"}")],
                _ => [],
            };
            var all = lines.ToList();
            return all.Count > 0 ? all : [new RuleLine("", texts["rule.other"])];
        }
        catch (Exception exception) when (exception is InvalidOperationException or FormatException)
        {
            return [new RuleLine("", texts["rule.other"])]; // a list where an object should be, or the other way round
        }
    }

    private IEnumerable<RuleLine> Ingress(JsonObject json)
    {
        var rewrite = Text(json["metadata"]?["annotations"]?[RewriteTarget]);
        foreach (var rule in Items(json["spec"]?["rules"]))
        {
            foreach (var path in Items(rule["http"]?["paths"]))
            {
                var service = path["backend"]?["service"];
                var port = Text(service?["port"]?["name"]) ?? Text(service?["port"]?["number"]);
                yield return new RuleLine(
                    Join($"{texts["rule.path"]} {Text(path["path"])}", Text(rule["host"]) is { } host ? $"{texts["rule.host"]} {host}" : null),
                    Join($"→ {Text(service?["name"])}{(port is null ? "" : $":{port}")}", rewrite is null ? null : $"{texts["rule.rewrite"]} {rewrite}"));
            }
        }
    }

    private IEnumerable<RuleLine> VirtualService(JsonObject json)
    {
        foreach (var route in Items(json["spec"]?["http"]))
        {
            var matches = Items(route["match"]).Select(Match).ToList();
            yield return new RuleLine(matches.Count == 0 ? texts["rule.any"] : string.Join(" | ", matches), Join([.. Actions(route)]));
        }
    }

    private IEnumerable<string?> Actions(JsonNode route)
    {
        var destinations = Items(route["route"]).ToList();
        if (destinations.Count > 0)
        {
            yield return $"→ {string.Join(" · ", destinations.Select(each => DestinationOf(each, destinations.Count > 1)))}";
        }

        yield return Text(route["redirect"]?["uri"]) is { } redirect ? $"{texts["rule.redirect"]} {redirect}" : null;
        yield return Text(route["directResponse"]?["status"]) is { } status ? $"{texts["rule.direct"]} {status}" : null;
        yield return (Text(route["rewrite"]?["uri"]) ?? Text(route["rewrite"]?["uriRegexRewrite"]?["rewrite"])) is { } rewrite
            ? $"{texts["rule.rewrite"]} {rewrite}" : null;
        yield return Text(route["timeout"]) is { } timeout ? $"{texts["rule.timeout"]} {timeout}" : null;
        yield return Text(route["retries"]?["attempts"]) is { } attempts ? $"{texts["rule.retries"]} {attempts}" : null;
        yield return FaultOf(route["fault"]?["abort"], "rule.abort", "httpStatus");
        yield return FaultOf(route["fault"]?["delay"], "rule.delay", "fixedDelay");
        yield return Text(route["mirror"]?["host"]) is { } mirror ? $"{texts["rule.mirror"]} {mirror}" : null;
    }

    private IEnumerable<RuleLine> DestinationRule(JsonObject json)
    {
        var host = Text(json["spec"]?["host"]) ?? "";
        var policy = json["spec"]?["trafficPolicy"];
        var outlier = policy?["outlierDetection"];
        yield return new RuleLine(host, Join(
            Text(policy?["loadBalancer"]?["simple"]) is { } balancing ? $"{texts["rule.lb"]} {balancing}" : null,
            outlier is null ? null : Ejection(outlier),
            policy?["connectionPool"] is null ? null : texts["rule.pool"],
            Text(policy?["tls"]?["mode"]) is { } tls ? $"{texts["rule.tls"]} {tls}" : null));
        foreach (var subset in Items(json["spec"]?["subsets"]))
        {
            var labels = (subset["labels"] as JsonObject)?.Select(label => $"{label.Key}={Text(label.Value)}") ?? [];
            yield return new RuleLine($"{texts["rule.subset"]} {Text(subset["name"])}", string.Join(", ", labels));
        }
    }

    // The defaults are Istio's: https://istio.io/latest/docs/reference/config/networking/destination-rule/#OutlierDetection
    private string Ejection(JsonNode outlier) => string.Format(
        CultureInfo.InvariantCulture,
        texts["rule.outlier"],
        Text(outlier["consecutive5xxErrors"]) ?? "5",
        Text(outlier["baseEjectionTime"]) ?? "30s");

    private IEnumerable<RuleLine> Gateway(JsonObject json)
    {
        foreach (var server in Items(json["spec"]?["servers"]))
        {
            yield return new RuleLine(
                $"{texts["rule.port"]} {Text(server["port"]?["number"])} {Text(server["port"]?["protocol"])}",
                Join(
                    $"{texts["rule.hosts"]} {string.Join(" ", Items(server["hosts"]).Select(Text))}",
                    Text(server["tls"]?["mode"]) is { } mode ? $"TLS {mode}" : null));
        }
    }

    private string Match(JsonNode match)
    {
        var headers = (match["headers"] as JsonObject)?.Select(header => StringMatch($"{texts["rule.header"]} {header.Key}", header.Value)) ?? [];
        return Join([
            match["uri"] is { } uri ? StringMatch(null, uri) : null,
            match["method"] is { } method ? StringMatch(texts["rule.method"], method) : null,
            .. headers,
        ]) is { Length: > 0 } text ? text : texts["rule.any"];
    }

    private string StringMatch(string? subject, JsonNode? match)
    {
        var (kind, value) = match is JsonObject { Count: > 0 } given ? (given.First().Key, Text(given.First().Value)) : ("", "");
        var word = subject ?? texts[$"rule.{(kind is "exact" or "prefix" or "regex" ? kind : "exact")}"];
        return subject is null ? $"{word} {value}" : $"{word} {(kind == "regex" ? "~" : kind == "prefix" ? "^" : "=")} {value}";
    }

    private static string DestinationOf(JsonNode destination, bool hasWeight)
    {
        var target = destination["destination"];
        var subset = Text(target?["subset"]) is { } name ? $" {name}" : "";
        return $"{Text(target?["host"])}{subset}{(hasWeight ? $" {Text(destination["weight"]) ?? "0"}%" : "")}";
    }

    private string? FaultOf(JsonNode? fault, string word, string value) => fault is null ? null
        : $"{Text(fault["percentage"]?["value"]) ?? "0"}% {texts[word]} {Text(fault[value])}";

    private string Selector(JsonObject json) =>
        json["spec"]?["selector"]?["matchLabels"] is JsonObject labels
            ? string.Join(", ", labels.Select(label => $"{label.Key}={Text(label.Value)}"))
            : texts["rule.any"];

    private static IEnumerable<JsonNode> Items(JsonNode? list) => list is JsonArray array ? array.OfType<JsonNode>() : [];

    private static string? Text(JsonNode? node) => node is JsonValue value ? Convert.ToString(value.ToString(), CultureInfo.InvariantCulture) : null;

    private static string Join(params IReadOnlyList<string?> parts) => string.Join(", ", parts.Where(part => !string.IsNullOrEmpty(part)));
}
