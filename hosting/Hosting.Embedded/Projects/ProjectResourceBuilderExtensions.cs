using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Adds .NET projects.</summary>
public static class ProjectResourceBuilderExtensions
{
    /// <summary>Adds a project.</summary>
    /// <typeparam name="TProject">The project's class in the namespace <c>Projects</c>.</typeparam>
    /// <param name="builder">The application.</param>
    /// <param name="name">The name.</param>
    /// <returns>A builder that configures it.</returns>
    /// <exception cref="DistributedApplicationException">
    /// The project file does not exist, or its launch settings cannot be read.
    /// </exception>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(
        this IDistributedApplicationBuilder builder,
        [ResourceName] string name)
        where TProject : IProjectMetadata, new() => Add(builder, name, new TProject(), static _ => { });

    /// <summary>Adds a project that is launched with a certain profile.</summary>
    /// <typeparam name="TProject">The project's class in the namespace <c>Projects</c>.</typeparam>
    /// <param name="builder">The application.</param>
    /// <param name="name">The name.</param>
    /// <param name="launchProfileName">The profile; <see langword="null" /> means none.</param>
    /// <returns>A builder that configures it.</returns>
    /// <exception cref="DistributedApplicationException">The project file or the profile does not exist.</exception>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(
        this IDistributedApplicationBuilder builder,
        [ResourceName] string name,
        string? launchProfileName)
        where TProject : IProjectMetadata, new() => Add(builder, name, new TProject(), WithProfile(launchProfileName));

    /// <summary>Adds a project.</summary>
    /// <typeparam name="TProject">The project's class in the namespace <c>Projects</c>.</typeparam>
    /// <param name="builder">The application.</param>
    /// <param name="name">The name.</param>
    /// <param name="configure">Sets how it is launched.</param>
    /// <returns>A builder that configures it.</returns>
    /// <exception cref="DistributedApplicationException">The project file or the profile does not exist.</exception>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(
        this IDistributedApplicationBuilder builder,
        [ResourceName] string name,
        Action<ProjectResourceOptions> configure)
        where TProject : IProjectMetadata, new() => Add(builder, name, new TProject(), configure);

    /// <summary>Adds a project by the path of its file.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The name.</param>
    /// <param name="projectPath">The project file, relative to the AppHost's directory.</param>
    /// <returns>A builder that configures it.</returns>
    /// <exception cref="DistributedApplicationException">
    /// The project file does not exist, or its launch settings cannot be read.
    /// </exception>
    public static IResourceBuilder<ProjectResource> AddProject(
        this IDistributedApplicationBuilder builder,
        [ResourceName] string name,
        string projectPath) => builder.AddProject(name, projectPath, static _ => { });

    /// <summary>Adds a project by the path of its file, launched with a certain profile.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The name.</param>
    /// <param name="projectPath">The project file, relative to the AppHost's directory.</param>
    /// <param name="launchProfileName">The profile; <see langword="null" /> means none.</param>
    /// <returns>A builder that configures it.</returns>
    /// <exception cref="DistributedApplicationException">The project file or the profile does not exist.</exception>
    public static IResourceBuilder<ProjectResource> AddProject(
        this IDistributedApplicationBuilder builder,
        [ResourceName] string name,
        string projectPath,
        string? launchProfileName) => builder.AddProject(name, projectPath, WithProfile(launchProfileName));

    /// <summary>Adds a project by the path of its file.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The name.</param>
    /// <param name="projectPath">The project file, relative to the AppHost's directory.</param>
    /// <param name="configure">Sets how it is launched.</param>
    /// <returns>A builder that configures it.</returns>
    /// <exception cref="DistributedApplicationException">The project file or the profile does not exist.</exception>
    public static IResourceBuilder<ProjectResource> AddProject(
        this IDistributedApplicationBuilder builder,
        [ResourceName] string name,
        string projectPath,
        Action<ProjectResourceOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(projectPath);
        var path = Path.GetFullPath(projectPath.Replace('\\', '/'), builder.AppHostDirectory);
        return Add(builder, name, new ProjectFile(path), configure);
    }

    /// <summary>Runs the project several times.</summary>
    /// <param name="builder">The project.</param>
    /// <param name="replicas">How many times, at least once.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<ProjectResource> WithReplicas(this IResourceBuilder<ProjectResource> builder, int replicas)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithAnnotation(new ReplicaAnnotation(replicas));
    }

    /// <summary>Does not tell the published project to trust forwarded headers.</summary>
    /// <param name="builder">The project.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<ProjectResource> DisableForwardedHeaders(this IResourceBuilder<ProjectResource> builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithAnnotation(new DisableForwardedHeadersAnnotation(), ResourceAnnotationMutationBehavior.Replace);
    }

    /// <summary>
    /// Chooses which endpoints the project is told to listen on (<c>ASPNETCORE_URLS</c>, <c>HTTP_PORTS</c>, <c>Kestrel__Endpoints</c>).
    /// </summary>
    /// <param name="builder">The project.</param>
    /// <param name="filter">Whether it is told of an endpoint. With several filters, all must agree.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<ProjectResource> WithEndpointsInEnvironment(
        this IResourceBuilder<ProjectResource> builder,
        Func<EndpointAnnotation, bool> filter)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(filter);
        return builder.WithAnnotation(new EndpointEnvironmentFilterAnnotation(filter));
    }

    private static Action<ProjectResourceOptions> WithProfile(string? launchProfileName) => options =>
    {
        options.ExcludeLaunchProfile = launchProfileName is null;
        options.LaunchProfileName = launchProfileName;
    };

    private static IResourceBuilder<ProjectResource> Add(
        IDistributedApplicationBuilder builder,
        string name,
        IProjectMetadata metadata,
        Action<ProjectResourceOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        var options = new ProjectResourceOptions();
        configure(options);
        if (!File.Exists(metadata.ProjectPath))
        {
            throw new DistributedApplicationException(
                $"Project '{name}' cannot be added: its project file '{metadata.ProjectPath}' does not exist; correct the path, or " +
                    "rebuild the AppHost if the project was moved.");
        }

        var project = builder.AddResource(new ProjectResource(name)).WithAnnotation(metadata);
        ProjectDefaults.Apply(project, options);
        return project;
    }

    /// <summary>A project that was named by its path; it is built before it is started.</summary>
    private sealed class ProjectFile : IProjectMetadata
    {
        public ProjectFile(string projectPath)
        {
            ProjectPath = projectPath;
        }

        public string ProjectPath { get; }
    }
}
