using Istio.Documents;

namespace Istio.Networking;

/// <summary>Writes header changes and CORS policies in C#. Each call returns a changed copy.</summary>
public static class HeaderExtensions
{
    /// <summary>Changes headers before the request is forwarded.</summary>
    public static Headers Request(this Headers headers, Func<HeaderOperations, HeaderOperations> changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        return headers with { Request = changes(headers.Request ?? new()) };
    }

    /// <summary>Changes headers before the response is returned.</summary>
    public static Headers Response(this Headers headers, Func<HeaderOperations, HeaderOperations> changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        return headers with { Response = changes(headers.Response ?? new()) };
    }

    /// <summary>Overwrites a header.</summary>
    public static HeaderOperations Set(this HeaderOperations headers, string name, string value) =>
        headers with { Set = headers.Set.With(name, value) };

    /// <summary>Appends a value to a header.</summary>
    public static HeaderOperations Add(this HeaderOperations headers, string name, string value) =>
        headers with { Add = headers.Add.With(name, value) };

    /// <summary>Removes headers.</summary>
    public static HeaderOperations Remove(this HeaderOperations headers, params ReadOnlySpan<string> names) =>
        headers with { Remove = headers.Remove.AddRange(names) };

    /// <summary>Adds an origin that may call: one of exact, prefix and regex.</summary>
    public static CorsPolicy AllowOrigin(this CorsPolicy policy, string? exact = null, string? prefix = null, string? regex = null) =>
        policy with { AllowOrigins = policy.AllowOrigins.Add(StringMatch.Of(exact, prefix, regex)) };

    /// <summary>Adds allowed methods.</summary>
    public static CorsPolicy AllowMethods(this CorsPolicy policy, params ReadOnlySpan<string> methods) =>
        policy with { AllowMethods = policy.AllowMethods.AddRange(methods) };

    /// <summary>Adds allowed request headers.</summary>
    public static CorsPolicy AllowHeaders(this CorsPolicy policy, params ReadOnlySpan<string> names) =>
        policy with { AllowHeaders = policy.AllowHeaders.AddRange(names) };

    /// <summary>Adds response headers that scripts may read.</summary>
    public static CorsPolicy ExposeHeaders(this CorsPolicy policy, params ReadOnlySpan<string> names) =>
        policy with { ExposeHeaders = policy.ExposeHeaders.AddRange(names) };

    /// <summary>Sets how long a preflight answer may be cached, in whole seconds.</summary>
    public static CorsPolicy MaxAge(this CorsPolicy policy, TimeSpan maxAge) => policy with { MaxAge = maxAge };

    /// <summary>Allows requests with credentials.</summary>
    public static CorsPolicy AllowCredentials(this CorsPolicy policy) => policy with { AllowCredentials = true };

    /// <summary>Says what happens to preflight requests from other origins, see <see cref="UnmatchedPreflightHandling"/>.</summary>
    public static CorsPolicy UnmatchedPreflights(this CorsPolicy policy, string handling) => policy with { UnmatchedPreflights = handling };
}
