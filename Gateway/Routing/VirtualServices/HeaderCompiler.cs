using System.Collections.Immutable;
using Istio.Documents;

namespace Gateway.Routing.VirtualServices;

/// <summary>Compiles header operations, as istio's <c>TranslateHeadersOperations</c> translates them for Envoy.</summary>
/// <param name="findings">Receives values that cannot be executed.</param>
internal readonly struct HeaderCompiler(List<Finding> findings)
{
    /// <summary>Compiles the changes of a request's or a response's headers.</summary>
    /// <param name="operations">The changes.</param>
    /// <param name="document">Where they are written.</param>
    /// <param name="field">Their place there.</param>
    public HeaderOperations Compile(Istio.Networking.HeaderOperations? operations, ResourceDocument document, string field) =>
        operations is null ? HeaderOperations.None : new HeaderOperations(
            [.. operations.Remove.Where(name => !IsInternal(name)).Select(name => name.ToLowerInvariant())],
            Values(operations.Set, document, $"{field}.set"),
            Values(operations.Add, document, $"{field}.add"));

    /// <summary>The authority that changes of a request's headers give: <c>Host</c> or <c>:authority</c>, by set rather than add.</summary>
    public static string? Authority(Istio.Networking.HeaderOperations? operations) =>
        operations is null ? null : Authority(operations.Set) ?? Authority(operations.Add);

    private ImmutableArray<(string Name, HeaderValue Value)> Values(
        EquatableDictionary<string> headers, ResourceDocument document, string field)
    {
        var values = ImmutableArray.CreateBuilder<(string, HeaderValue)>();
        foreach (var (name, text) in headers.OrderBy(header => header.Key, StringComparer.Ordinal).Where(header => !IsInternal(header.Key)))
        {
            if (HeaderValue.TryParse(text, out var value, out var error))
            {
                values.Add((name.ToLowerInvariant(), value));
            }
            else
            {
                findings.Report(document, FieldPath.Member(field, name), RoutingCodes.HeaderValue, $"{error}; the header is left out");
            }
        }

        return values.ToImmutable();
    }

    private static string? Authority(EquatableDictionary<string> headers) =>
        headers.LastOrDefault(header => IsAuthority(header.Key) && header.Value.Length > 0).Value;

    private static bool IsAuthority(string name) =>
        name.Equals("host", StringComparison.OrdinalIgnoreCase) || name.Equals(":authority", StringComparison.OrdinalIgnoreCase);

    /// <summary>Pseudo-headers and the host are not changed by header operations.</summary>
    private static bool IsInternal(string name) => name.StartsWith(':') || name.Equals("host", StringComparison.OrdinalIgnoreCase);
}
