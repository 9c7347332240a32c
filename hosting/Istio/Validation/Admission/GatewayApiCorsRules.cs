using System.Buffers;
using Istio.Documents;
using Istio.GatewayApi;
using Istio.Validation.Syntax;

namespace Istio.Validation.Admission;

/// <summary>
/// What the Gateway API's schema checks in the CORS filter of an HTTPRoute.
/// Source: https://gateway-api.sigs.k8s.io/reference/spec/#httpcorsfilter
/// </summary>
internal static class GatewayApiCorsRules
{
    private static readonly string[] Methods =
        ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "*"];

    private static readonly SearchValues<char> LabelCharacters =
        SearchValues.Create("-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    public static void Check(Place at, HTTPCORSFilter? cors)
    {
        if (cors is null)
        {
            return;
        }

        CheckAlone(at["allowOrigins"], cors.AllowOrigins, "origins");
        CheckAlone(at["allowMethods"], cors.AllowMethods, "methods");
        CheckAlone(at["allowHeaders"], cors.AllowHeaders, "headers");
        for (var i = 0; i < cors.AllowOrigins.Count; i++)
        {
            at["allowOrigins"][i].Reject(IsOrigin(cors.AllowOrigins[i])
                ? null
                : $"\"{cors.AllowOrigins[i]}\" is not an origin; write *, or scheme://host[:port] with at most *. in front of the host.");
        }

        for (var i = 0; i < cors.AllowMethods.Count; i++)
        {
            at["allowMethods"][i].Reject(Methods.Contains(cors.AllowMethods[i])
                ? null
                : $"\"{cors.AllowMethods[i]}\" is not a method; use one of {string.Join(", ", Methods)}.");
        }

        CheckNames(at["allowHeaders"], cors.AllowHeaders);
        CheckNames(at["exposeHeaders"], cors.ExposeHeaders);
        if (cors.MaxAge < 1)
        {
            at["maxAge"].Reject($"{cors.MaxAge} is too short; write 1 second or more.");
        }
    }

    private static void CheckAlone(Place at, EquatableArray<string> values, string noun)
    {
        if (values.Count > 1 && values.Contains("*"))
        {
            at.Reject($"\"*\" stands next to other {noun}; write it alone.");
        }
    }

    private static void CheckNames(Place at, EquatableArray<string> names)
    {
        for (var i = 0; i < names.Count; i++)
        {
            at[i].Reject(HttpHeaders.CheckCorsName(names[i]));
        }
    }

    /// <summary>*, or http or https, a host whose first label may be a wildcard, and a port.</summary>
    private static bool IsOrigin(string origin)
    {
        if (origin == "*")
        {
            return true;
        }

        var rest = origin.StartsWith("https://", StringComparison.Ordinal) ? origin.AsSpan(8)
            : origin.StartsWith("http://", StringComparison.Ordinal) ? origin.AsSpan(7)
            : [];
        var colon = rest.IndexOf(':');
        if (colon >= 0)
        {
            var port = rest[(colon + 1)..];
            if (port.Length is 0 or > 5 || port.ContainsAnyExceptInRange('0', '9'))
            {
                return false;
            }

            rest = rest[..colon];
        }

        if (rest is "*")
        {
            return true;
        }

        rest = rest.StartsWith("*.", StringComparison.Ordinal) ? rest[2..] : rest;
        foreach (var label in rest.Split('.'))
        {
            if (rest[label].IsEmpty || rest[label].ContainsAnyExcept(LabelCharacters))
            {
                return false;
            }
        }

        return true;
    }
}
