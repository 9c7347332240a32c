using System.Buffers;

namespace Gateway.Ingress;

/// <summary>The characters nginx takes in the parts of an absolute-form request target.</summary>
internal static class AbsoluteForm
{
    private const string AlphaNumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    /// <summary>In a scheme.</summary>
    public static readonly SearchValues<char> Scheme = SearchValues.Create(AlphaNumeric + "+-.");

    /// <summary>In a host name.</summary>
    public static readonly SearchValues<char> Host = SearchValues.Create(AlphaNumeric + ".-");

    /// <summary>Between the brackets of an IP literal.</summary>
    public static readonly SearchValues<char> IpLiteral = SearchValues.Create(AlphaNumeric + ":-._~!$&'()*+,;=");
}
