namespace Gateway.Requests;

/// <summary>Finds a header as Envoy's matchers do: pseudo-headers are headers, and several values are one with commas.</summary>
/// <remarks>Envoy source/common/http/header_utility.cc (getAllOfHeaderAsString)</remarks>
internal static class RequestHeader
{
    /// <summary>The header's value; null when it is not there. Allocates only to join several values, or path and query.</summary>
    public static string? Find(RequestHead request, string name)
    {
        if (name.Length > 0 && name[0] == ':')
        {
            return name switch
            {
                ":authority" => request.Authority,
                ":method" => request.Method,
                ":path" => request.Query.Length == 0 ? request.Path : request.Path + request.Query,
                ":scheme" => request.Scheme,
                _ => null,
            };
        }

        if (request.Headers.TryGetValue(name, out var values))
        {
            return values.Count == 1 ? values[0] : string.Join(',', values.ToArray());
        }

        // Envoy keeps Host as :authority.
        return name.Equals("host", StringComparison.OrdinalIgnoreCase) ? request.Authority : null;
    }
}
