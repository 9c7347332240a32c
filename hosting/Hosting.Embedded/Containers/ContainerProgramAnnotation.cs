using Aspire.Hosting.ApplicationModel;

namespace Hosting.Embedded;

/// <summary>A program that takes a container's place in a run: it is told by the same environment variables and does the same.</summary>
/// <param name="AssemblyPath">The full path of the program's assembly.</param>
public sealed record ContainerProgramAnnotation(string AssemblyPath) : IResourceAnnotation;
