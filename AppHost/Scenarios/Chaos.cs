using Hosting.Istio;
using Istio.Networking;

namespace AppHost;

/// <summary>
/// Things go wrong. One request in five is late and one in ten is answered 503, which no retry repeats, since faults come before them. And
/// a release of the ping service that listens on no port anybody knows joins the others: retries hide it, then it is ejected.
/// </summary>
internal static class Chaos
{
    public static void AddTo(IResourceBuilder<IstioResource> mesh, IResourceBuilder<ProjectResource> ping)
    {
        ping.ApplicationBuilder.AddProject<Projects.PingService>("ping-broken")
            .WithHttpEndpoint()
            .WithArgs("--urls", "http://127.0.0.1:0")
            .AsVersionOf(ping, "broken");

        mesh.WithResources(
            PingTraffic.Rules.Http("ping", route => route
                .UnderApiV1()
                .Delay(TimeSpan.FromSeconds(1), percent: 20)
                .Abort(503, percent: 10)
                .Patiently()
                .RouteTo("ping", port: 8080)),
            PingTraffic.Policy);
    }
}
