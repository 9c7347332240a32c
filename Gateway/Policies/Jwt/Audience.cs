namespace Gateway.Policies.Jwt;

/// <summary>Audiences of tokens are compared without http:// or https:// and without a slash at the end.</summary>
/// <remarks>Envoy source/common/jwt/check_audience.cc</remarks>
internal static class Audience
{
    /// <summary>The part that is compared.</summary>
    public static string Bare(string audience)
    {
        var start = audience.StartsWith("http://", StringComparison.Ordinal) ? 7
            : audience.StartsWith("https://", StringComparison.Ordinal) ? 8 : 0;
        var end = audience.EndsWith('/') ? audience.Length - 1 : audience.Length;
        return start >= end ? "" : audience[start..end];
    }
}
