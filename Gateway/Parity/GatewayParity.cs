using Istio.Networking;

namespace Gateway.Parity;

/// <summary>Gateway.</summary>
internal static class GatewayParity
{
    private const string TlsTests = "IstioDoor/TlsTests";
    private const string ServerTests = "IstioDoor/ServerTlsTests";

    public static MessageParity[] Messages { get; } =
    [
        new(typeof(Istio.Networking.Gateway)) { Executed = ["metadata", "spec"], Published = { ["status"] = ParityTable.Status } },
        new(typeof(GatewaySpec)) { Executed = ["servers", "selector"] },
        new(typeof(Server))
        {
            Executed = ["port", "hosts", "tls"],
            Validated = { ["defaultEndpoint"] = "Istio does not act on it" },
            Published =
            {
                ["bind"] = "where a door listens is the command line's --istio-door",
                ["name"] = "it is no part of what requests see",
            },
        },
        new(typeof(Port))
        {
            Executed = ["number", "protocol"],
            Published =
            {
                ["name"] = "it is no part of what requests see",
                ["targetPort"] = "where a door listens is the command line's --istio-door",
            },
        },
        new(typeof(ServerTLSSettings))
        {
            Executed = ["httpsRedirect", "mode", "credentialName", "credentialNames"],
            Tested =
            {
                ["serverCertificate"] = TlsTests, ["privateKey"] = TlsTests, ["caCertificates"] = ServerTests,
                ["caCertCredentialName"] = ServerTests,
                ["tlsCertificates"] = ServerTests, ["subjectAltNames"] = ServerTests, ["verifyCertificateSpki"] = ServerTests,
                ["verifyCertificateHash"] = ServerTests, ["minProtocolVersion"] = TlsTests, ["maxProtocolVersion"] = ServerTests,
                ["cipherSuites"] = ServerTests,
            },
            Validated =
            {
                ["caCrl"] = "revocation lists are not read",
                ["insecureSkipVerify"] = "no certificate of a client is taken unverified",
            },
            Published = { ["ecdhCurves"] = ".NET lets the operating system choose the curves" },
        },
        new(typeof(TLSCertificate))
        {
            Tested = { ["serverCertificate"] = ServerTests, ["privateKey"] = ServerTests },
            Published = { ["caCertificates"] = "those of tls itself are used" },
        },
    ];
}
