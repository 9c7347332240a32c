namespace Aspire.Hosting.ApplicationModel;

/// <summary>The launch profile the author chose for a project.</summary>
public sealed class LaunchProfileAnnotation : IResourceAnnotation
{
    /// <summary>Declares the choice.</summary>
    /// <param name="launchProfileName">The name of the profile.</param>
    public LaunchProfileAnnotation(string launchProfileName)
    {
        ArgumentNullException.ThrowIfNull(launchProfileName);
        LaunchProfileName = launchProfileName;
    }

    /// <summary>The name of the profile.</summary>
    public string LaunchProfileName { get; }
}

/// <summary>The launch profile of the AppHost, taken for its projects when they have one of that name.</summary>
public sealed class DefaultLaunchProfileAnnotation : IResourceAnnotation
{
    /// <summary>Declares the default.</summary>
    /// <param name="launchProfileName">The name of the profile.</param>
    public DefaultLaunchProfileAnnotation(string launchProfileName)
    {
        ArgumentNullException.ThrowIfNull(launchProfileName);
        LaunchProfileName = launchProfileName;
    }

    /// <summary>The name of the profile.</summary>
    public string LaunchProfileName { get; }
}

/// <summary>That a project is launched without any profile.</summary>
public sealed class ExcludeLaunchProfileAnnotation : IResourceAnnotation
{
}

/// <summary>That a project is not told to trust forwarded headers.</summary>
public sealed class DisableForwardedHeadersAnnotation : IResourceAnnotation
{
}

/// <summary>That a resource is not started with the application but by hand.</summary>
public sealed class ExplicitStartupAnnotation : IResourceAnnotation
{
}

/// <summary>Which endpoints a project is told to listen on.</summary>
internal sealed class EndpointEnvironmentFilterAnnotation : IResourceAnnotation
{
    public EndpointEnvironmentFilterAnnotation(Func<EndpointAnnotation, bool> filter)
    {
        Filter = filter;
    }

    public Func<EndpointAnnotation, bool> Filter { get; }
}
