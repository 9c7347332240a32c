using Istio.Networking;

namespace Istio.Validation.Analysis;

/// <summary>DestinationRules that start TLS without checking who answers.</summary>
internal static class TlsAnalysis
{
    public static void Check(Mesh mesh)
    {
        foreach (var (document, rule) in mesh.Resources.OfType<DestinationRule>())
        {
            var (at, policy) = (mesh.At(document)["spec"]["trafficPolicy"], rule.Spec.TrafficPolicy);
            if (policy?.Tls is { } tls && IsUnverified(tls, rule.Spec))
            {
                at["tls"].Report(AnalysisCodes.NoServerVerification,
                    $"{tls.Mode} to \"{rule.Spec.Host}\" names no CA certificates to check the server with; set caCertificates.");
            }

            for (var i = 0; i < (policy?.PortLevelSettings.Count ?? 0); i++)
            {
                var port = policy!.PortLevelSettings[i];
                if (port.Tls is { } portTls && IsUnverified(portTls, rule.Spec))
                {
                    at["portLevelSettings"][i]["tls"].Report(AnalysisCodes.NoServerVerificationOnPort,
                        $"{portTls.Mode} to port {port.Port?.Number} of \"{rule.Spec.Host}\" names no CA certificates to check the server "
                        + "with; set caCertificates.");
                }
            }
        }
    }

    // The credential is read only by workloads that the rule selects.
    private static bool IsUnverified(ClientTLSSettings tls, DestinationRuleSpec rule) =>
        tls.Mode is ClientTlsMode.Simple or ClientTlsMode.Mutual && string.IsNullOrEmpty(tls.CaCertificates)
        && !(!string.IsNullOrEmpty(tls.CredentialName) && rule.WorkloadSelector is not null);
}
