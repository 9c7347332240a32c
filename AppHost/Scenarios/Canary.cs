using Hosting.Istio;
using Istio.Networking;

namespace AppHost;

/// <summary>A second version of the ping service gets a tenth of the requests, and those that ask for it.</summary>
internal static class Canary
{
    public static void AddTo(IResourceBuilder<IstioResource> mesh, IResourceBuilder<ProjectResource> ping)
    {
        ping.ApplicationBuilder.AddProject<Projects.PingService>("ping-v2")
            .WithHttpEndpoint()
            .WithHttpProbe(ProbeType.Readiness, "/health")
            .WithHttpProbe(ProbeType.Liveness, "/alive")
            .AsVersionOf(ping, "v2");

        mesh.WithResources(
            PingTraffic.Rules
                .Http("asked for", route => route
                    .UnderApiV1(request => request.Header("x-canary", exact: "true"))
                    .Patiently()
                    .RouteTo("ping", subset: "v2", port: 8080))
                .Http("a tenth", route => route
                    .UnderApiV1()
                    .Patiently()
                    .Split("ping", port: 8080, ("v1", 90), ("v2", 10))),
            DestinationRule.For("ping").RoundRobin()
                .Subset("v1", [("version", "v1")], policy => policy.WithoutFailing())
                .Subset("v2", ("version", "v2")));
    }
}
