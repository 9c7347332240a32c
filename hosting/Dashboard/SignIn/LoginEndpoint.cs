using System.Text.Encodings.Web;
using Dashboard.Hosting;
using Dashboard.Localization;

namespace Dashboard.SignIn;

/// <summary>
/// Signs in: the link in the terminal carries the token of this run, after which a cookie does. Whoever has only the token pastes it into
/// a page, which is plain HTML because the other pages need somebody who is signed in.
/// </summary>
internal static class LoginEndpoint
{
    /// <summary>Answers <c>/login</c>, before anybody has to be signed in.</summary>
    public static void Use(WebApplication app, DashboardOptions options) => app.Use(async (context, next) =>
    {
        if (context.Request.Path != "/login")
        {
            await next(context);
            return;
        }

        var given = HttpMethods.IsPost(context.Request.Method) && context.Request.HasFormContentType
            ? (await context.Request.ReadFormAsync(context.RequestAborted))["t"].ToString()
            : context.Request.Query["t"].ToString();
        var returnUrl = ReturnUrl(context.Request.Query["returnUrl"]);
        if (Session.IsToken(options, given))
        {
            Session.SignIn(context, options);
            context.Response.Redirect(returnUrl);
            return;
        }

        await WritePageAsync(context, returnUrl, isWrong: given.Length > 0);
    });

    /// <summary>Where to go after signing in: a page of this site, whatever the parameter says.</summary>
    public static string ReturnUrl(string? given) =>
        given is ['/', ..] && !given.StartsWith("//", StringComparison.Ordinal) && !given.Contains('\\', StringComparison.Ordinal) ? given : "/";

    private static Task WritePageAsync(HttpContext context, string returnUrl, bool isWrong)
    {
        var texts = Texts.Of(Texts.LanguageOf(context.Request));
        var action = HtmlEncoder.Default.Encode($"/login?returnUrl={Uri.EscapeDataString(returnUrl)}");
        context.Response.StatusCode = isWrong ? StatusCodes.Status401Unauthorized : StatusCodes.Status200OK;
        context.Response.ContentType = "text/html; charset=utf-8";
        return context.Response.WriteAsync(
            $"""
            <!DOCTYPE html>
            <html lang="{texts.Language}">
            <head>
              <meta charset="utf-8" />
              <meta name="viewport" content="width=device-width, initial-scale=1" />
              <title>{texts["SignIn"]}</title>
              <link rel="icon" type="image/svg+xml" href="/favicon.svg" />
              <link rel="stylesheet" href="/app.css" />
            </head>
            <body class="login">
              <script src="/dashboard.js"></script>
              <main>
                <form class="card" method="post" action="{action}">
                  <h1>{texts["SignIn"]}</h1>
                  <p>{texts["SignInHint"]}</p>
                  <label>{texts["Token"]} <input class="text-input" name="t" type="password" autocomplete="off" required autofocus /></label>
                  {(isWrong ? $"<p class=\"result bad\" role=\"alert\">{texts["WrongToken"]}</p>" : "")}
                  <button class="primary" type="submit">{texts["SignIn"]}</button>
                </form>
              </main>
            </body>
            </html>
            """,
            context.RequestAborted);
    }
}
