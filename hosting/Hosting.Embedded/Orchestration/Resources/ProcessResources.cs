using Aspire.Hosting.ApplicationModel;
using Hosting.Embedded;

namespace Aspire.Hosting.Orchestration.Resources;

/// <summary>Which resources of a model are processes in a run.</summary>
internal static class ProcessResources
{
    /// <summary>Projects, executables, and containers that a program takes the place of.</summary>
    public static bool IsProcess(this IResource resource) =>
        resource is ProjectResource or ExecutableResource || resource.HasAnnotationOfType<ContainerProgramAnnotation>();
}
