using System.Net;

namespace Dashboard.SignIn;

/// <summary>
/// What keeps other web sites away from the dashboard of a browser that is signed in: only this machine's own names are answered, so that
/// a name that is made to lead here (DNS rebinding) gets nothing; what another site makes the browser send is refused; and pages run no
/// script and load nothing but what the dashboard itself serves. No CORS header is ever sent.
/// </summary>
internal static class BrowserSecurity
{
    // Components position things by style attributes, which cannot run anything.
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
        "manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'self'";

    /// <summary>Refuses or passes on a request.</summary>
    public static Task ProtectAsync(HttpContext context, RequestDelegate next)
    {
        if (!IsThisMachine(context.Request.Host.Host))
        {
            context.Response.StatusCode = StatusCodes.Status421MisdirectedRequest;
            return Task.CompletedTask;
        }

        if (IsFromAnotherSite(context.Request))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return Task.CompletedTask;
        }

        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer"; // the link that signs in has the token in it
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        return next(context);
    }

    private static bool IsThisMachine(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    // A link on another site may lead here: it sends no cookie, which is SameSite=Strict, and the sign-in link has to work.
    private static bool IsFromAnotherSite(HttpRequest request)
    {
        var isNavigation = HttpMethods.IsGet(request.Method) && request.Headers["Sec-Fetch-Mode"] == "navigate";
        if (isNavigation)
        {
            return false;
        }

        // Browsers tell (https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header); the origin of a form may be hidden by our own
        // Referrer-Policy. What is no browser sends neither.
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        var origin = request.Headers.Origin.ToString();
        return site.Length > 0
            ? site is not ("same-origin" or "none")
            : origin.Length > 0 && origin != $"{request.Scheme}://{request.Host}";
    }
}
