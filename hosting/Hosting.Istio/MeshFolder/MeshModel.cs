using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Istio.Networking;
using k8s.Models;

namespace Hosting.Istio;

/// <summary>What the meshes of an application declare and which services they have, taken at one moment: the start.</summary>
internal sealed record MeshModel(
    ImmutableArray<(IstioResource Mesh, ImmutableArray<object> Rules)> Meshes,
    ImmutableArray<V1Service> Services,
    ImmutableArray<WorkloadEntry> PlannedWorkloads)
{
    public static MeshModel Of(DistributedApplicationModel model) => new(
        [.. model.Resources.OfType<IstioResource>().Select(mesh => (mesh, mesh.Rules.ToImmutableArray()))],
        [.. MeshServices.WithService(model).Select(MeshServices.ServiceFor)],
        [.. MeshServices.In(model).SelectMany(MeshServices.PlannedWorkloads)]);
}
