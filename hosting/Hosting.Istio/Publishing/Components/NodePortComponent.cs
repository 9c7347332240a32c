using k8s.Models;

namespace Hosting.Istio.Publishing.Components;

/// <summary>A second Service of type NodePort beside the one of each service that has a fixed port on every node.</summary>
internal static class NodePortComponent
{
    public static Component Build(PublishedMesh mesh)
    {
        var component = new Component();
        foreach (var service in mesh.Services)
        {
            var ports = service.Annotations.OfType<NodePortAnnotation>()
                .ToLookup(port => port.EndpointName, StringComparer.OrdinalIgnoreCase);
            if (ports.Count == 0)
            {
                continue;
            }

            var published = MeshServices.ServiceFor(service);
            published.Metadata.Name = $"{service.Name}-node-port";
            published.Spec.Type = "NodePort";
            published.Spec.Ports = [.. published.Spec.Ports.Where(port => ports.Contains(port.Name))
                .Select(port => Opened(port, ports[port.Name].Last().Port))];
            component.Add(published);
        }

        return component;
    }

    private static V1ServicePort Opened(V1ServicePort port, int nodePort)
    {
        port.NodePort = nodePort;
        return port;
    }
}
