namespace Hosting.Embedded;

/// <summary>
/// A project whose build output is known, so that it can be started without running MSBuild. The classes in the namespace
/// <c>Projects</c> that this engine generates implement it.
/// </summary>
public interface IBuiltProject
{
    /// <summary>The full path of the assembly the project builds to.</summary>
    string TargetPath { get; }
}
