using System.Globalization;
using Istio.Documents;
using Istio.Validation.Syntax;

namespace Istio.MeshConfiguration;

/// <summary>What keeps Istio from using an external authorizer, as far as its own configuration tells.</summary>
/// <remarks>
/// istio/istio pilot/pkg/security/authz/builder/extauthz.go and pkg/config/validation/agent/extensionprovider.go; Envoy's
/// api/envoy/extensions/filters/http/ext_authz/v3/ext_authz.proto for the size of the body.
/// </remarks>
public static class ExtensionProviderFaults
{
    private const int MaxNameLength = 63;

    // Envoy's api/envoy/type/v3/http_status.proto.
    private static readonly HashSet<int> Statuses =
    [
        0, 100, 200, 201, 202, 203, 204, 205, 206, 207, 208, 226, 300, 301, 302, 303, 304, 305, 307, 308, 400, 401, 402, 403, 404, 405, 406,
        407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 421, 422, 423, 424, 426, 428, 429, 431, 500, 501, 502, 503, 504, 505, 506, 507,
        508, 510, 511,
    ];

    /// <summary>The faults: the field within the provider, and what is wrong and what to do. None for another kind of provider.</summary>
    public static IEnumerable<(string Field, string Message)> Find(MeshExtensionProvider provider)
    {
        ArgumentNullException.ThrowIfNull(provider);
        var kind = provider.EnvoyExtAuthzHttp is not null ? "envoyExtAuthzHttp" : "envoyExtAuthzGrpc";
        IEnumerable<(string Field, string Message)>? faults = (provider.EnvoyExtAuthzHttp, provider.EnvoyExtAuthzGrpc) switch
        {
            ({ }, { }) => [("name", "It is asked by HTTP and by gRPC; keep one of envoyExtAuthzHttp and envoyExtAuthzGrpc.")],
            ({ } http, null) => OfHttp(http),
            (null, { } grpc) => Common(grpc.Service, grpc.Port, grpc.Timeout, grpc.StatusOnError, grpc.IncludeRequestBodyInCheck),
            _ => null,
        };
        return faults is null ? []
            : faults.Select(fault => (fault.Field == "name" ? fault.Field : $"{kind}.{fault.Field}", fault.Message))
                .Concat(NameFault(provider.Name ?? "") is { } message ? [("name", message)] : []);
    }

    private static string? NameFault(string name) =>
        name.Length == 0 ? "name is missing; policies refer to a provider by its name."
        : name.Length > MaxNameLength || name.StartsWith('-') || name.EndsWith('-')
            || !name.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-')
            ? $"\"{name}\" is no name of a provider; write at most {MaxNameLength} lower-case letters, digits and inner hyphens."
        : null;

    private static IEnumerable<(string Field, string Message)> OfHttp(EnvoyExternalAuthorizationHttpProvider http)
    {
        foreach (var fault in Common(http.Service, http.Port, http.Timeout, http.StatusOnError, http.IncludeRequestBodyInCheck))
        {
            yield return fault;
        }

        if (http.PathPrefix is { Length: > 0 } prefix && !prefix.StartsWith('/'))
        {
            yield return ("pathPrefix", $"\"{prefix}\" does not begin with a slash; write /{prefix}.");
        }

        (string Name, EquatableArray<string> Values)[] lists =
        [
            ("includeRequestHeadersInCheck", http.IncludeRequestHeadersInCheck), ("includeHeadersInCheck", http.IncludeHeadersInCheck),
            ("headersToDownstreamOnDeny", http.HeadersToDownstreamOnDeny), ("headersToDownstreamOnAllow", http.HeadersToDownstreamOnAllow),
            ("headersToUpstreamOnAllow", http.HeadersToUpstreamOnAllow),
        ];
        foreach (var (name, values) in lists.Where(list => list.Values.Contains("*")))
        {
            yield return (name, "A single asterisk is no pattern for headers; write the beginning or the end of their names with it.");
        }
    }

    private static IEnumerable<(string Field, string Message)> Common(
        string? service, uint? port, Duration? timeout, string? status, EnvoyExternalAuthorizationRequestBody? body)
    {
        if (string.IsNullOrEmpty(service))
        {
            yield return ("service", "service is missing; write the authorizer's full host name.");
        }
        else if (DnsNames.CheckFqdn(service[(service.IndexOf('/', StringComparison.Ordinal) + 1)..]) is { } fault)
        {
            yield return ("service", fault);
        }

        if (port is null or 0 or > 65535)
        {
            yield return ("port", port is null ? "port is missing; write the service's port." : $"{port} is not a port; ports are 1 to 65535.");
        }

        if (timeout is { IsValid: false } written)
        {
            yield return ("timeout", $"\"{written.Text}\" is not a duration; write a number and a unit, such as 5s or 0.5s.");
        }

        if (!string.IsNullOrEmpty(status)
            && !(int.TryParse(status, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var code) && Statuses.Contains(code)))
        {
            yield return ("statusOnError", $"\"{status}\" is no status that Envoy knows; write one such as 403 or 503.");
        }

        if (body is { MaxRequestBytes: null or 0 })
        {
            yield return ("includeRequestBodyInCheck.maxRequestBytes",
                "Envoy takes no body check without maxRequestBytes; write the most bytes that the authorizer gets.");
        }
    }
}
