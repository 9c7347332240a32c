using Hosting.Istio;
using Istio.Networking;

namespace AppHost;

/// <summary>What happens to the ping service's traffic at Istio's door, chosen by the configuration value Scenario.</summary>
internal static class Scenario
{
    /// <summary>Adds the routes and policies of a scenario, and what else it needs to run.</summary>
    /// <exception cref="DistributedApplicationException">There is no such scenario.</exception>
    public static void WithScenario(
        this IResourceBuilder<IstioResource> mesh, string? name, IResourceBuilder<ProjectResource> ping)
    {
        switch (name?.ToUpperInvariant())
        {
            case null or "":
                mesh.WithResources(
                    PingTraffic.Rules.Http("ping", route => route.UnderApiV1().Patiently().RouteTo("ping", port: 8080)),
                    PingTraffic.Policy);
                break;
            case "CANARY":
                Canary.AddTo(mesh, ping);
                break;
            case "CHAOS":
                Chaos.AddTo(mesh, ping);
                break;
            default:
                throw new DistributedApplicationException(
                    $"There is no scenario '{name}': use --Scenario=canary or --Scenario=chaos, or leave it out.");
        }
    }
}
