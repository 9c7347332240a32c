using System.Security.Claims;
using Dashboard.SignIn;
using Microsoft.AspNetCore.Antiforgery;

namespace Dashboard.Api;

/// <summary>
/// Commands that come with the cookie need the token that <c>/api/antiforgery</c> gives as well. What comes with a bearer token needs none:
/// no browser sends that by itself.
/// </summary>
internal static class Antiforgery
{
    /// <summary>Gives the token.</summary>
    public static AntiforgeryJson Get(HttpContext context, IAntiforgery antiforgery)
    {
        var tokens = antiforgery.GetAndStoreTokens(context);
        return new AntiforgeryJson(tokens.HeaderName!, tokens.RequestToken!);
    }

    /// <summary>Refuses a command without it.</summary>
    public static async ValueTask<object?> ValidateAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var isSafe = HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method);
        if (isSafe || http.User.FindFirstValue(ClaimTypes.AuthenticationMethod) != Session.ByCookie)
        {
            return await next(context);
        }

        var antiforgery = http.RequestServices.GetRequiredService<IAntiforgery>();
        return await antiforgery.IsRequestValidAsync(http)
            ? await next(context)
            : TypedResults.BadRequest(new ErrorJson("The anti-forgery token of /api/antiforgery is missing or wrong."));
    }
}
