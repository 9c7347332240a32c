using Aspire.Hosting.ApplicationModel;
using k8s.Models;

namespace Hosting.Istio;

/// <summary>Builds a Kubernetes <c>Ingress</c> (networking.k8s.io/v1) for services of the application model.</summary>
public sealed class IngressBuilder
{
    private readonly V1Ingress _ingress;

    internal IngressBuilder(string name)
    {
        _ingress = new V1Ingress
        {
            ApiVersion = $"{V1Ingress.KubeGroup}/{V1Ingress.KubeApiVersion}",
            Kind = V1Ingress.KubeKind,
            Metadata = new V1ObjectMeta { Name = name },
            Spec = new V1IngressSpec { IngressClassName = "nginx", Rules = [] },
        };
    }

    /// <summary>Names the controller that serves this Ingress (<c>spec.ingressClassName</c>). Default: <c>nginx</c>.</summary>
    /// <param name="name">The name of an IngressClass.</param>
    /// <returns>This builder.</returns>
    public IngressBuilder Class(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        _ingress.Spec.IngressClassName = name;
        return this;
    }

    /// <summary>Adds an annotation.</summary>
    /// <param name="key">The full key, such as <c>nginx.ingress.kubernetes.io/use-regex</c>.</param>
    /// <param name="value">The value.</param>
    /// <returns>This builder.</returns>
    public IngressBuilder Annotation(string key, string value)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        ArgumentNullException.ThrowIfNull(value);
        _ingress.Metadata.Annotations ??= new Dictionary<string, string>();
        _ingress.Metadata.Annotations[key] = value;
        return this;
    }

    /// <summary>
    /// Rewrites the path before it reaches the service: ingress-nginx's <c>rewrite-target</c>. It makes every path of the host a
    /// case-insensitive regular expression (https://kubernetes.github.io/ingress-nginx/user-guide/ingress-path-matching/).
    /// </summary>
    /// <param name="target">The new path; <c>$1</c> to <c>$9</c> are the groups of the path's regular expression.</param>
    /// <returns>This builder.</returns>
    public IngressBuilder RewriteTarget(string target) => Annotation("nginx.ingress.kubernetes.io/rewrite-target", target);

    /// <summary>Sends a path of every host to a service.</summary>
    /// <param name="path">The path; a regular expression where <see cref="RewriteTarget"/> is used.</param>
    /// <param name="service">The service.</param>
    /// <param name="endpointName">The endpoint of the service, which is its Service port's name. Default: <c>http</c>.</param>
    /// <param name="pathType"><c>ImplementationSpecific</c> (the default; needed for regular expressions), <c>Prefix</c> or <c>Exact</c>.</param>
    /// <returns>This builder.</returns>
    public IngressBuilder Path(
        string path,
        IResourceBuilder<IResourceWithEndpoints> service,
        string endpointName = "http",
        string pathType = "ImplementationSpecific") => Path(host: null, path, service, endpointName, pathType);

    /// <summary>Sends a path of one host to a service.</summary>
    /// <param name="host">The host, such as <c>example.com</c> or <c>*.example.com</c>; null for every host.</param>
    /// <param name="path">The path; a regular expression where <see cref="RewriteTarget"/> is used.</param>
    /// <param name="service">The service.</param>
    /// <param name="endpointName">The endpoint of the service, which is its Service port's name. Default: <c>http</c>.</param>
    /// <param name="pathType"><c>ImplementationSpecific</c> (the default; needed for regular expressions), <c>Prefix</c> or <c>Exact</c>.</param>
    /// <returns>This builder.</returns>
    public IngressBuilder Path(
        string? host,
        string path,
        IResourceBuilder<IResourceWithEndpoints> service,
        string endpointName = "http",
        string pathType = "ImplementationSpecific")
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(service);
        var rule = _ingress.Spec.Rules.FirstOrDefault(r => r.Host == host);
        if (rule is null)
        {
            rule = new V1IngressRule { Host = host, Http = new V1HTTPIngressRuleValue { Paths = [] } };
            _ingress.Spec.Rules.Add(rule);
        }

        rule.Http.Paths.Add(new V1HTTPIngressPath
        {
            Path = path,
            PathType = pathType,
            Backend = new V1IngressBackend
            {
                Service = new V1IngressServiceBackend
                {
                    Name = service.Resource.Name,
                    Port = new V1ServiceBackendPort { Name = endpointName },
                },
            },
        });
        return this;
    }

    internal V1Ingress Build() => _ingress;
}
