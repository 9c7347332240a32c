using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Dashboard.Hosting;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Dashboard.SignIn;

/// <summary>
/// Knows a signed-in browser by its cookie, and a script by its bearer token. The cookie is made from the token, which changes with every
/// run, so that nothing has to be stored and a dashboard that is started again in the same run still knows the browser.
/// </summary>
internal sealed class Session(
    IOptionsMonitor<AuthenticationSchemeOptions> schemeOptions, ILoggerFactory loggers, UrlEncoder encoder, DashboardOptions options)
    : AuthenticationHandler<AuthenticationSchemeOptions>(schemeOptions, loggers, encoder)
{
    /// <summary>The name of the scheme.</summary>
    public const string SchemeName = "Session";

    /// <summary>What tells that a request came with the cookie, which a browser sends by itself.</summary>
    public const string ByCookie = "cookie";

    private const string Bearer = "Bearer ";

    /// <summary>Whether a token is the right one.</summary>
    public static bool IsToken(DashboardOptions options, string? token) => AreEqual(token, options.BrowserToken);

    /// <summary>Signs the browser in. The cookie carries the port, because browsers do not tell ports apart (RFC 6265, section 8.5).</summary>
    public static void SignIn(HttpContext context, DashboardOptions options) =>
        context.Response.Cookies.Append(CookieName(context), CookieValue(options), new CookieOptions
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Strict,
            IsEssential = true,
            Path = "/",
        });

    /// <summary>Signs the browser out.</summary>
    public static void SignOut(HttpContext context) => context.Response.Cookies.Delete(CookieName(context));

    /// <inheritdoc/>
    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (AreEqual(Request.Cookies[CookieName(Context)], CookieValue(options)))
        {
            return Task.FromResult(Success(ByCookie));
        }

        var authorization = Request.Headers.Authorization.ToString();
        return Task.FromResult(
            authorization.Length == 0 ? AuthenticateResult.NoResult()
            : authorization.StartsWith(Bearer, StringComparison.Ordinal) && IsToken(options, authorization[Bearer.Length..]) ? Success("token")
            : AuthenticateResult.Fail("The token is not that of this run."));
    }

    /// <inheritdoc/>
    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (Request.Path.StartsWithSegments("/api") || !HttpMethods.IsGet(Request.Method))
        {
            Response.StatusCode = StatusCodes.Status401Unauthorized;
            Response.Headers.WWWAuthenticate = "Bearer";
        }
        else
        {
            Response.Redirect($"/login?returnUrl={Uri.EscapeDataString($"{Request.Path}{Request.QueryString}")}");
        }

        return Task.CompletedTask;
    }

    private static AuthenticateResult Success(string how) => AuthenticateResult.Success(new AuthenticationTicket(
        new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, "developer"), new Claim(ClaimTypes.AuthenticationMethod, how)], SchemeName)),
        SchemeName));

    private static string CookieName(HttpContext context) => $"dashboard-{context.Request.Host.Port ?? 80}";

    private static string CookieValue(DashboardOptions options) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(options.BrowserToken), "session"u8));

    private static bool AreEqual(string? given, string expected) =>
        given is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(expected));
}
