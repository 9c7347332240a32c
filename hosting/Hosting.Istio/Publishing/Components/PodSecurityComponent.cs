namespace Hosting.Istio.Publishing.Components;

/// <summary>
/// Refuses pods that are not restricted (https://kubernetes.io/docs/concepts/security/pod-security-standards/). Only for clusters with
/// Istio's CNI plugin: without it the injected init container changes the pod's network, which the standard forbids.
/// </summary>
internal static class PodSecurityComponent
{
    private const string Label = "/metadata/labels/pod-security.kubernetes.io~1enforce";

    public static Component Build(PublishedMesh mesh) =>
        new Component().Patch("Namespace", mesh.Options.Namespace, Label, "replace", "restricted");
}
