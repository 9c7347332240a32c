using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Aspire.Hosting;

namespace Hosting.Istio.Publishing.Aspirate;

/// <summary>
/// Replaces the expressions of a manifest, <c>{ping.bindings.http.url}</c>, as aspirate does: a resource's host is its name, and a URL has
/// the port that the container listens on (src/Aspirate.Processors/Transformation).
/// </summary>
internal sealed class ManifestExpressions(JsonObject resources)
{
    private const int MaxDepth = 32;

    /// <summary>Replaces all expressions of a text; doubled braces become single ones.</summary>
    /// <exception cref="DistributedApplicationException">An expression refers to a secret, to nothing, or to itself.</exception>
    public string Resolve(string text, string where) => Unescape(Resolve(text, where, 0));

    private string Resolve(string text, string where, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new DistributedApplicationException($"{where}: the expression {text} refers to itself; break the circle.");
        }

        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '{')
            {
                result.Append(text[i]);
            }
            else if (i + 1 < text.Length && text[i + 1] == '{')
            {
                result.Append("{{");
                i++;
            }
            else if (text.IndexOf('}', i) is > 0 and var end && text[(i + 1)..end].All(IsName))
            {
                result.Append(Resolve(ValueOf(text[(i + 1)..end], where), where, depth + 1));
                i = end;
            }
            else
            {
                result.Append('{');
            }
        }

        return result.ToString();
    }

    private string ValueOf(string expression, string where)
    {
        var path = expression.Split('.');
        if (resources[path[0]] is not JsonObject resource)
        {
            throw new DistributedApplicationException($"{where}: {{{expression}}} refers to {path[0]}, which is not published.");
        }

        if (path is [var name, "bindings", var binding, var property])
        {
            return BindingValue(name, binding, property, resource)
                ?? throw new DistributedApplicationException(
                    $"{where}: {{{expression}}} has no value in Kubernetes; use url, host, port, targetPort or scheme.");
        }

        if ((bool?)resource["secret"] == true)
        {
            throw new DistributedApplicationException(
                $"{where}: {{{expression}}} is a secret, and a ConfigMap would show it; keep it in a Kubernetes Secret, or leave the " +
                    "variable out when publishing.");
        }

        return (string?)path.Skip(1)
            .Aggregate((JsonNode?)resource, static (node, member) => node is JsonObject inner ? inner[member] : null)
            ?? throw new DistributedApplicationException($"{where}: {{{expression}}} has no value in the manifest.");
    }

    private static string? BindingValue(string resource, string binding, string property, JsonObject entry)
    {
        if (entry["bindings"]?[binding] is not JsonObject declared)
        {
            return null;
        }

        var target = Bindings.TargetPort(binding, declared);
        return property switch
        {
            "host" => resource,
            "targetPort" => Number(target),
            "port" => Number((int?)declared["port"] is { } port and not 0 ? port : target),
            "scheme" => (string?)declared["scheme"] ?? "http",
            "url" when binding == "http" => $"http://{resource}:{target}",

            // aspirate gives no HTTPS addresses, because nothing brings certificates to the containers.
            "url" when binding == "https" => "",
            "url" => $"{resource}:{target}",
            _ => null,
        };
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static bool IsName(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '-';

    private static string Unescape(string text) =>
        text.Replace("{{", "{", StringComparison.Ordinal).Replace("}}", "}", StringComparison.Ordinal);
}

/// <summary>The ports of a manifest's bindings as aspirate completes them.</summary>
internal static class Bindings
{
    /// <summary>The port the container listens on: 8080 for http and 8443 for https where the manifest has none, else 0.</summary>
    public static int TargetPort(string name, JsonObject binding) => (int?)binding["targetPort"] is { } port and not 0
        ? port
        : name.ToUpperInvariant() switch { "HTTP" => 8080, "HTTPS" => 8443, _ => 0 };
}
