using Gateway.Registry;

namespace Gateway.Ingress;

/// <summary>One nginx location that an Ingress path became.</summary>
/// <param name="Path">The path of the location: literal for an exact or prefix location, a PCRE pattern otherwise.</param>
/// <param name="Pattern">The compiled pattern of a host in regular-expression mode; else null.</param>
/// <param name="Rewrite">The rewrite; null passes the request target on as it came.</param>
/// <param name="Service">Where requests go; null answers 404, as ingress-nginx's built-in default backend does.</param>
internal sealed record Location(string Path, PathPattern? Pattern, RewriteTarget? Rewrite, ServicePort? Service);
