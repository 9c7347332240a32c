using Dashboard.Hosting;

namespace Dashboard.SignIn;

/// <summary>Signs in: the link in the terminal carries the token of this run, after which a cookie does.</summary>
internal static class LoginEndpoint
{
    /// <summary>Maps the link and signing out. The page that asks for a token is one of the pages.</summary>
    public static void Use(WebApplication app, DashboardOptions options) => app.Use((context, next) =>
    {
        if (context.Request.Path == "/login" && HttpMethods.IsGet(context.Request.Method)
            && context.Request.Query["t"].ToString() is { Length: > 0 } token && Session.IsToken(options, token))
        {
            Session.SignIn(context, options);
            context.Response.Redirect(ReturnUrl(context.Request.Query["returnUrl"]));
            return Task.CompletedTask;
        }

        return next(context);
    });

    /// <summary>Where to go after signing in: a page of this site, whatever the parameter says.</summary>
    public static string ReturnUrl(string? given) =>
        given is ['/', ..] && !given.StartsWith("//", StringComparison.Ordinal) && !given.Contains('\\', StringComparison.Ordinal) ? given : "/";
}
