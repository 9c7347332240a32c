using System.Text.RegularExpressions;
using Gateway.Mesh;
using Istio.Documents;
using k8s.Models;

namespace Gateway.Ingress;

/// <summary>What the annotations of an Ingress say to this door.</summary>
/// <param name="RewriteTarget">The rewrite; empty for none.</param>
/// <param name="UseRegex">Whether <c>use-regex</c> is on.</param>
internal sealed partial record IngressAnnotations(string RewriteTarget, bool UseRegex)
{
    private const string Prefix = "nginx.ingress.kubernetes.io/";
    private const string ClassAnnotation = "kubernetes.io/ingress.class";
    private const string ClassName = "nginx";
    private const string Controller = "k8s.io/ingress-nginx";

    /// <summary>The path of the field of the rewrite, for findings.</summary>
    public static readonly string RewriteField = FieldPath.Member("metadata.annotations", Prefix + "rewrite-target");

    /// <summary>Reads the annotations; reports those that are not executed.</summary>
    public static IngressAnnotations Read(ResourceDocument document, V1Ingress ingress, List<Finding> findings)
    {
        var rewrite = "";
        var useRegex = false;
        foreach (var (key, value) in ingress.Metadata.Annotations ?? new Dictionary<string, string>())
        {
            switch (key)
            {
                case Prefix + "rewrite-target" when RewriteCharacters().IsMatch(value):
                    rewrite = value;
                    break;
                case Prefix + "rewrite-target":
                    findings.Add(document.At(RewriteField, GatewayCodes.RewriteIgnored,
                        $"ingress-nginx drops \"{value}\": it takes only letters, digits and \"-._~/:$\" in a rewrite-target"));
                    break;
                case Prefix + "use-regex":
                    // As Go's strconv.ParseBool, which ingress-nginx uses.
                    useRegex = value is "1" or "t" or "T" or "true" or "TRUE" or "True";
                    break;
                case var other when other.StartsWith(Prefix, StringComparison.Ordinal):
                    findings.Add(document.At(FieldPath.Member("metadata.annotations", other), GatewayCodes.Annotation,
                        "ingress-nginx acts on this annotation, this gateway does not"));
                    break;
            }
        }

        return new IngressAnnotations(rewrite, useRegex);
    }

    /// <summary>The names of the classes that are ingress-nginx's: <c>nginx</c>, and every IngressClass with its controller.</summary>
    public static HashSet<string> Classes(ResourceSet resources)
    {
        var names = new HashSet<string>(StringComparer.Ordinal) { ClassName };
        foreach (var document in resources.Documents)
        {
            if (document.Kind == "IngressClass" && document.Json["spec"]?["controller"]?.ToString() == Controller)
            {
                names.Add(document.Name);
            }
        }

        return names;
    }

    /// <summary>Whether the Ingress is of a class: spec.ingressClassName decides, then the older annotation.</summary>
    public static bool IsOfClass(ResourceDocument document, V1Ingress ingress, HashSet<string> classes, List<Finding> findings)
    {
        if (ingress.Spec?.IngressClassName is { } name)
        {
            return classes.Contains(name);
        }

        if (ingress.Metadata.Annotations?.TryGetValue(ClassAnnotation, out var annotation) == true)
        {
            return annotation == ClassName;
        }

        findings.Add(document.At("spec.ingressClassName", GatewayCodes.Class,
            "ingress-nginx ignores an Ingress without class; set spec.ingressClassName to nginx"));
        return false;
    }

    // ingress-nginx, internal/ingress/annotations/parser/validators.go, RegexPathWithCapture.
    [GeneratedRegex(@"^/?[-._~a-zA-Z0-9/:$]*\z")]
    private static partial Regex RewriteCharacters();
}
