using System.Globalization;
using System.Net;
using Gateway.Requests;

namespace Gateway.Policies.Authorization;

/// <summary>Compiles one value of a condition; false with the reason when Istio cannot translate it.</summary>
internal delegate bool ValueCompiler(string value, out RequestMatcher matcher, out string? error);

/// <summary>The attributes that AuthorizationPolicies ask for, by their key.</summary>
/// <remarks>Istio pilot/pkg/security/authz/model/model.go and generator.go</remarks>
internal static class Conditions
{
    /// <summary>The key that stands for <c>operation.hosts</c>.</summary>
    public const string Host = ":authority";

    /// <summary>The key that stands for <c>operation.methods</c>.</summary>
    public const string Method = ":method";

    /// <summary>The key that stands for <c>operation.paths</c>.</summary>
    public const string Path = "path";

    private const string HeaderPrefix = "request.headers";
    private const string ClaimPrefix = "request.auth.claims";
    private const string MetadataPrefix = "experimental.envoy.filters.";

    /// <summary>How values of a key are compiled; null for a key that Istio does not know.</summary>
    public static ValueCompiler? For(string key) => key switch
    {
        Host => Text(value => TextPattern.OfHeader(value, ignoreCase: true), static request => request.Authority),
        Method => Text(value => TextPattern.OfHeader(value), static request => request.Method),
        Path => PathValue,
        "destination.ip" => Address(static request => request.DestinationAddress),
        "destination.port" => Port,
        "connection.sni" => Text(TextPattern.Of, static request => request.ServerName ?? ""),
        "source.ip" => Address(static request => request.SourceAddress),
        "remote.ip" => Address(static request => request.RemoteAddress ?? request.SourceAddress),
        "source.principal" or "source.namespace" or "source.serviceAccount" or "source.trustDomain" => Constant(RequestMatchers.Never),
        "request.auth.principal" => Valid(ClaimMatcher.OfPrincipal),
        "request.auth.audiences" => Valid(static value => ClaimMatcher.Of(["aud"], TextPattern.Of(value))),
        "request.auth.presenter" => Valid(static value => ClaimMatcher.Of(["azp"], TextPattern.Of(value))),
        _ when key.StartsWith(MetadataPrefix, StringComparison.Ordinal) => Metadata(key),
        _ when key.StartsWith(HeaderPrefix, StringComparison.Ordinal) => Header(key[HeaderPrefix.Length..]),
        _ when key.StartsWith(ClaimPrefix, StringComparison.Ordinal) => Claim(key[ClaimPrefix.Length..]),
        _ => null,
    };

    /// <summary>Whether the key asks who the caller is by its certificate.</summary>
    public static bool IsPeerIdentity(string key) =>
        key is "source.principal" or "source.namespace" or "source.serviceAccount" or "source.trustDomain";

    private static ValueCompiler Valid(Func<string, RequestMatcher> compile) =>
        (string value, out RequestMatcher matcher, out string? error) =>
        {
            (matcher, error) = (compile(value), null);
            return true;
        };

    private static ValueCompiler Constant(RequestMatcher constant) => Valid(_ => constant);

    private static ValueCompiler Invalid(string reason) => (string value, out RequestMatcher matcher, out string? error) =>
    {
        (matcher, error) = (RequestMatchers.Never, reason);
        return false;
    };

    private static ValueCompiler Text(Func<string, TextPattern> compile, Func<RequestHead, string> attribute) => Valid(value =>
    {
        var pattern = compile(value);
        return request => pattern.Matches(attribute(request));
    });

    private static ValueCompiler Address(Func<RequestHead, IPAddress?> attribute) =>
        (string value, out RequestMatcher matcher, out string? error) =>
        {
            if (!AddressRange.TryParse(value, out var range))
            {
                (matcher, error) = (RequestMatchers.Never, $"\"{value}\" is no IP address and no range of them");
                return false;
            }

            (matcher, error) = (request => range.Contains(attribute(request)), null);
            return true;
        };

    private static bool Port(string value, out RequestMatcher matcher, out string? error)
    {
        if (!ushort.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            (matcher, error) = (RequestMatchers.Never, $"\"{value}\" is no port number");
            return false;
        }

        (matcher, error) = (request => request.DestinationPort == port, null);
        return true;
    }

    private static bool PathValue(string value, out RequestMatcher matcher, out string? error)
    {
        if (!PathTemplate.IsTemplate(value))
        {
            var pattern = TextPattern.Of(value);
            (matcher, error) = (request => pattern.Matches(request.Path), null);
            return true;
        }

        if (!PathTemplate.TryParse(value, out var template, out error))
        {
            matcher = RequestMatchers.Never;
            return false;
        }

        matcher = request => template.IsFullMatch(request.Path);
        return true;
    }

    /// <summary>Metadata of Envoy's filters: of those that run here, none leaves text in it.</summary>
    private static ValueCompiler Metadata(string key) =>
        key.Contains('[', StringComparison.Ordinal) ? Constant(RequestMatchers.Never) : Invalid($"{key} has no name in brackets");

    private static ValueCompiler Header(string brackets)
    {
        if (!brackets.StartsWith('[') || !brackets.EndsWith(']'))
        {
            return Invalid($"{HeaderPrefix}{brackets} has no name in brackets");
        }

        var name = brackets[1..^1];
        return Valid(value =>
        {
            var pattern = TextPattern.OfHeader(value);
            return request => RequestHeader.Find(request, name) is { } text && pattern.Matches(text);
        });
    }

    private static ValueCompiler Claim(string brackets) =>
        ClaimMatcher.ParseKeys(brackets) is { } keys
            ? Valid(value => ClaimMatcher.Of(keys, TextPattern.Of(value)))
            : Invalid($"{ClaimPrefix}{brackets} has no name in brackets");
}
