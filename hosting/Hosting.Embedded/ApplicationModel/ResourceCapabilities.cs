using System.Diagnostics.CodeAnalysis;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A resource that has network endpoints.</summary>
public interface IResourceWithEndpoints : IResource
{
}

/// <summary>A resource that is given environment variables.</summary>
public interface IResourceWithEnvironment : IResource
{
}

/// <summary>A resource that is given command line arguments.</summary>
public interface IResourceWithArgs : IResource
{
}

/// <summary>A resource that can wait for others before it starts.</summary>
public interface IResourceWithWaitSupport : IResource
{
}

/// <summary>
/// A resource that is there from the start and never starts or stops, such as a parameter. Waiting for it returns at once.
/// </summary>
public interface IResourceWithoutLifetime : IResource
{
}

/// <summary>A resource that runs the application's own code and can be deployed.</summary>
public interface IComputeResource : IResource
{
}

/// <summary>A resource that belongs to another one.</summary>
public interface IResourceWithParent : IResource
{
    /// <summary>The resource it belongs to.</summary>
    IResource Parent { get; }
}

/// <summary>A resource that belongs to another one of a known type.</summary>
/// <typeparam name="T">The type of the parent.</typeparam>
public interface IResourceWithParent<out T> : IResourceWithParent where T : IResource
{
    /// <summary>The resource it belongs to.</summary>
    new T Parent { get; }

    IResource IResourceWithParent.Parent => Parent;
}

/// <summary>A resource that can declare startup, readiness and liveness probes.</summary>
[Experimental("ASPIREPROBES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
public interface IResourceWithProbes : IResource
{
}
