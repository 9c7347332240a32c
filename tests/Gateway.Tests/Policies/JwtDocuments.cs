using Gateway.Requests;

namespace Gateway.Tests.Policies;

/// <summary>RequestAuthentications, and requests with tokens.</summary>
internal static class JwtDocuments
{
    public static TokenIssuer Issuer { get; } = TokenIssuer.Rsa();

    public static TokenIssuer Other { get; } = TokenIssuer.Ec();

    public static string Authentication(params string[] rules) => $$"""
        apiVersion: security.istio.io/v1
        kind: RequestAuthentication
        metadata: { name: tokens }
        spec: { jwtRules: [{{string.Join(", ", rules)}}] }

        """;

    public static string Rule(string more = "", string issuer = TokenIssuer.Name, string? keys = null) =>
        $"{{issuer: '{issuer}', jwks: '{keys ?? Issuer.KeySet}'{(more.Length == 0 ? "" : ", " + more)}}}";

    public static RequestHead Bearer(string token, string path = "/") =>
        PolicyMesh.Request(path: path, headers: $"Authorization: Bearer {token}");
}
