using System.Collections.Immutable;
using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace Hosting.Istio;

/// <summary>
/// Where a gateway listens, besides the Ingress door, which is the project's own <c>http</c> endpoint: the Istio door, and in a run the
/// administration and a loopback port for each port of a service, at which it is what a sidecar is in a cluster. Services that refer to
/// another one are given that port instead of the other's replicas, as they would meet their sidecar.
/// </summary>
internal static class GatewayDoors
{
    public const string IstioEndpoint = "istio";
    public const string AdminEndpoint = "admin";

    // The Istio door's port in a container, and so in the gateway's Service. The administration stays on the pod's loopback address.
    private const int PublishedIstioPort = 8081;

    /// <summary>Declares the Istio door of a gateway that is published.</summary>
    /// <param name="gateway">The gateway.</param>
    public static void DeclarePublished<T>(IResourceBuilder<T> gateway)
        where T : IResourceWithArgs, IResourceWithEndpoints
    {
        gateway.WithEndpoint(IstioEndpoint, endpoint =>
            (endpoint.UriScheme, endpoint.TargetPort, endpoint.IsExternal, endpoint.ExcludeReferenceEndpoint) = ("http", PublishedIstioPort, true, true));
        gateway.WithArgs("--istio-door", string.Create(CultureInfo.InvariantCulture, $"http://*:{PublishedIstioPort}"));
        if (gateway is IResourceBuilder<ProjectResource> project)
        {
            project.WithEndpointsInEnvironment(endpoint => endpoint.Name != IstioEndpoint);
        }
    }

    /// <summary>Declares the doors of a gateway that runs; the services' ports when the model is complete, at the start.</summary>
    /// <param name="gateway">The gateway.</param>
    /// <param name="istioPort">The Istio door's port; null for any that is free.</param>
    public static void Declare<T>(IResourceBuilder<T> gateway, int? istioPort)
        where T : IResourceWithArgs, IResourceWithEndpoints
    {
        gateway.WithEndpoint(IstioEndpoint, endpoint => (endpoint.UriScheme, endpoint.Port, endpoint.ExcludeReferenceEndpoint) = ("http", istioPort, true));
        gateway.WithEndpoint(AdminEndpoint, DeclareLoopback);
        gateway.WithArgs(context => AddArguments(gateway.Resource, context.Args));
        gateway.WithUrls(Describe);
        if (gateway is IResourceBuilder<ProjectResource> project)
        {
            // What is in ASPNETCORE_URLS is the Ingress door.
            project.WithEndpointsInEnvironment(endpoint =>
                endpoint.Name is not (IstioEndpoint or AdminEndpoint) && RolesOf(project.Resource).All(role => role.EndpointName != endpoint.Name));
        }

        gateway.ApplicationBuilder.Eventing.Subscribe<BeforeStartEvent>((@event, _) =>
        {
            DeclareRoles(gateway, @event.Model);
            return Task.CompletedTask;
        });
    }

    private static void DeclareLoopback(EndpointAnnotation endpoint) =>
        (endpoint.UriScheme, endpoint.TargetHost, endpoint.ExcludeReferenceEndpoint) = ("http", "127.0.0.1", true);

    private static void DeclareRoles<T>(IResourceBuilder<T> gateway, DistributedApplicationModel model)
        where T : IResourceWithArgs, IResourceWithEndpoints
    {
        foreach (var service in MeshServices.WithService(model))
        {
            foreach (var endpoint in service.Annotations.OfType<EndpointAnnotation>().Where(endpoint => endpoint.UriScheme == "http"))
            {
                var role = new MeshRoleAnnotation(service, endpoint.Name, MeshServices.PortOf(endpoint));
                gateway.WithEndpoint(role.EndpointName, DeclareLoopback).WithAnnotation(role);
            }
        }

        var roles = RolesOf(gateway.Resource);
        var callers = model.Resources.OfType<IResourceWithEnvironment>()
            .Where(resource => !resource.Annotations.OfType<MeshGatewayAnnotation>().Any());
        foreach (var caller in callers)
        {
            caller.Annotations.Add(new EnvironmentCallbackAnnotation(context =>
            {
                foreach (var role in roles)
                {
                    role.Redirect(context.EnvironmentVariables, gateway.GetEndpoint(role.EndpointName));
                }
            }));
        }
    }

    private static void AddArguments(IResourceWithEndpoints gateway, IList<object> arguments)
    {
        Add("--istio-door", ReferenceExpression.Create($"http://localhost:{Port(IstioEndpoint)}"));
        Add("--admin", ReferenceExpression.Create($"http://127.0.0.1:{Port(AdminEndpoint)}"));
        foreach (var role in RolesOf(gateway))
        {
            Add("--service", ReferenceExpression.Create($"{role.Address}=http://127.0.0.1:{Port(role.EndpointName)}"));
        }

        void Add(string option, ReferenceExpression value)
        {
            arguments.Add(option);
            arguments.Add(value);
        }

        EndpointReferenceExpression Port(string name) => gateway.GetEndpoint(name).Property(EndpointProperty.TargetPort);
    }

    private static void Describe(ResourceUrlsCallbackContext context)
    {
        foreach (var url in context.Urls)
        {
            (url.DisplayText, url.DisplayLocation) = url.Endpoint?.EndpointName switch
            {
                "http" => (url.DisplayText ?? "Ingress door", url.DisplayLocation),
                IstioEndpoint => ("Istio door", url.DisplayLocation),
                AdminEndpoint => ("Administration of the gateway", url.DisplayLocation),
                { } name when name.StartsWith(MeshRoleAnnotation.EndpointPrefix, StringComparison.Ordinal) => (url.DisplayText, UrlDisplayLocation.DetailsOnly),
                _ => (url.DisplayText, url.DisplayLocation),
            };
        }
    }

    private static ImmutableArray<MeshRoleAnnotation> RolesOf(IResource gateway) => [.. gateway.Annotations.OfType<MeshRoleAnnotation>()];
}
