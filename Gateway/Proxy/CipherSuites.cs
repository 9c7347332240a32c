using System.Net.Security;

namespace Gateway.Proxy;

/// <summary>
/// The cipher suites of a server: BoringSSL's names, which are those of OpenSSL, for TLS 1.2 and older. The suites of TLS 1.3 cannot be
/// chosen, in Envoy neither.
/// </summary>
/// <remarks>
/// istio/istio pkg/config/security/security.go, ValidCipherSuites and FilterCipherSuites; envoyproxy/envoy
/// api/envoy/extensions/transport_sockets/tls/v3/common.proto, TlsParameters.cipher_suites.
/// </remarks>
internal static class CipherSuites
{
    private const string All = "ALL";

    private static readonly TlsCipherSuite[] Version13 =
    [
        TlsCipherSuite.TLS_AES_128_GCM_SHA256, TlsCipherSuite.TLS_AES_256_GCM_SHA384, TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256,
    ];

#pragma warning disable CA5398 // What a document names is offered, old suites too.
    private static readonly (string Name, TlsCipherSuite Suite)[] Known =
    [
        ("ECDHE-ECDSA-AES128-GCM-SHA256", TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256),
        ("ECDHE-RSA-AES128-GCM-SHA256", TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256),
        ("ECDHE-ECDSA-AES256-GCM-SHA384", TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384),
        ("ECDHE-RSA-AES256-GCM-SHA384", TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384),
        ("ECDHE-ECDSA-CHACHA20-POLY1305", TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256),
        ("ECDHE-RSA-CHACHA20-POLY1305", TlsCipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256),
        ("ECDHE-ECDSA-AES128-SHA", TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA),
        ("ECDHE-RSA-AES128-SHA", TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA),
        ("ECDHE-ECDSA-AES256-SHA", TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA),
        ("ECDHE-RSA-AES256-SHA", TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA),
        ("AES128-GCM-SHA256", TlsCipherSuite.TLS_RSA_WITH_AES_128_GCM_SHA256),
        ("AES256-GCM-SHA384", TlsCipherSuite.TLS_RSA_WITH_AES_256_GCM_SHA384),
        ("AES128-SHA", TlsCipherSuite.TLS_RSA_WITH_AES_128_CBC_SHA),
        ("AES256-SHA", TlsCipherSuite.TLS_RSA_WITH_AES_256_CBC_SHA),
        ("DES-CBC3-SHA", TlsCipherSuite.TLS_RSA_WITH_3DES_EDE_CBC_SHA),
    ];
#pragma warning restore CA5398

    /// <summary>The suites that a list names, those of TLS 1.3 included; empty when it names none, which leaves the system's.</summary>
    /// <param name="names">
    /// Names, which Istio leaves out when it does not know them, <c>ALL</c>, groups such as <c>[A|B]</c>, and <c>!A</c> or <c>-A</c>,
    /// which take one away.
    /// </param>
    /// <param name="notUnderstood">Receives other expressions of BoringSSL.</param>
    public static IReadOnlyCollection<TlsCipherSuite> Of(IEnumerable<string> names, ICollection<string> notUnderstood)
    {
        var suites = new List<TlsCipherSuite>();
        foreach (var name in names)
        {
            if (name.Length > 1 && name[0] is '!' or '-' && Find(name[1..]) is { } removed)
            {
                suites.Remove(removed);
            }
            else if (name is ['[', .., ']'])
            {
                suites.AddRange(name[1..^1].Split('|').Select(Find).OfType<TlsCipherSuite>());
            }
            else if (name == All)
            {
                suites.AddRange(Known.Select(known => known.Suite));
            }
            else if (Find(name) is { } suite)
            {
                suites.Add(suite);
            }
            else if (name.Length > 0 && !char.IsLetterOrDigit(name[0]))
            {
                notUnderstood.Add(name);
            }
        }

        return suites.Count == 0 ? [] : [.. Version13, .. suites.Distinct()];
    }

    private static TlsCipherSuite? Find(string name) =>
        Array.FindIndex(Known, known => known.Name == name) is >= 0 and var index ? Known[index].Suite : null;
}
