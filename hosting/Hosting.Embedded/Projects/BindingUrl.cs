using System.Globalization;

namespace Aspire.Hosting;

/// <summary>
/// A URL to listen on, as <c>applicationUrl</c> and Kestrel's configuration have it: <c>http://localhost:5000</c>, <c>https://*:5001</c>.
/// </summary>
internal sealed record BindingUrl(string Scheme, string Host, int? Port)
{
    /// <summary>Parses the URL.</summary>
    /// <param name="url">
    /// The URL. Hosts that mean "all addresses" (<c>*</c>, <c>+</c>) are allowed, so it is not always a valid <see cref="Uri" />.
    /// </param>
    /// <param name="where">Where it stands, for the message.</param>
    /// <exception cref="DistributedApplicationException">It is not such a URL.</exception>
    public static BindingUrl Parse(string url, string where)
    {
        var separator = url.IndexOf("://", StringComparison.Ordinal);
        if (separator > 0)
        {
            var authority = url[(separator + 3)..].Split('/', 2)[0];
            var colon = authority.LastIndexOf(':');
            var hasPort = colon > authority.LastIndexOf(']');
            var host = hasPort ? authority[..colon] : authority;
            var port = 0;
            var isPort = !hasPort || int.TryParse(authority[(colon + 1)..], CultureInfo.InvariantCulture, out port);
            if (host.Length > 0 && isPort && port is >= 0 and <= 65535)
            {
                // Port 0 asks for a free one, as no port at all does in a launch profile.
                return new BindingUrl(url[..separator], host, port == 0 ? null : port);
            }
        }

        throw new DistributedApplicationException($"The {where} is invalid: '{url}' is not a URL such as http://localhost:5000.");
    }
}
