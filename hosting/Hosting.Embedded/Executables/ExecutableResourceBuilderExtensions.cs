using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Adds programs.</summary>
public static class ExecutableResourceBuilderExtensions
{
    /// <summary>Adds a program.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The name.</param>
    /// <param name="command">The program: a path, or a name that is found in PATH.</param>
    /// <param name="workingDirectory">The directory it runs in, relative to the AppHost's.</param>
    /// <param name="args">Its arguments.</param>
    /// <returns>A builder that configures it.</returns>
    public static IResourceBuilder<ExecutableResource> AddExecutable(
        this IDistributedApplicationBuilder builder,
        [ResourceName] string name,
        string command,
        string workingDirectory,
        params string[]? args) => Add(builder, name, command, workingDirectory, args);

    /// <summary>Adds a program.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The name.</param>
    /// <param name="command">The program: a path, or a name that is found in PATH.</param>
    /// <param name="workingDirectory">The directory it runs in, relative to the AppHost's.</param>
    /// <param name="args">Its arguments: texts, or values that become known when the application runs.</param>
    /// <returns>A builder that configures it.</returns>
    public static IResourceBuilder<ExecutableResource> AddExecutable(
        this IDistributedApplicationBuilder builder,
        [ResourceName] string name,
        string command,
        string workingDirectory,
        params object[]? args) => Add(builder, name, command, workingDirectory, args);

    /// <summary>Replaces the program.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="command">The program: a path, or a name that is found in PATH.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<T> WithCommand<T>(this IResourceBuilder<T> builder, string command) where T : ExecutableResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(command);
        return builder.WithAnnotation(
            new ExecutableAnnotation { Command = command, WorkingDirectory = builder.Resource.WorkingDirectory },
            ResourceAnnotationMutationBehavior.Replace);
    }

    /// <summary>Replaces the directory the program runs in.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="workingDirectory">The directory, relative to the AppHost's.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<T> WithWorkingDirectory<T>(this IResourceBuilder<T> builder, string workingDirectory)
        where T : ExecutableResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(workingDirectory);
        return builder.WithAnnotation(
            new ExecutableAnnotation
            {
                Command = builder.Resource.Command,
                WorkingDirectory = Path.GetFullPath(workingDirectory, builder.ApplicationBuilder.AppHostDirectory)
            },
            ResourceAnnotationMutationBehavior.Replace);
    }

    private static IResourceBuilder<ExecutableResource> Add(
        IDistributedApplicationBuilder builder,
        string name,
        string command,
        string workingDirectory,
        object[]? args)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(workingDirectory);
        var directory = Path.GetFullPath(workingDirectory, builder.AppHostDirectory);
        return builder.AddResource(new ExecutableResource(name, command, directory)).WithArgs(args ?? []);
    }
}

/// <summary>Queries over executables.</summary>
public static class ExecutableResourceExtensions
{
    /// <summary>The programs of the application.</summary>
    /// <param name="model">The model.</param>
    /// <returns>The programs, in the order of their declaration.</returns>
    public static IEnumerable<ExecutableResource> GetExecutableResources(this DistributedApplicationModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.Resources.OfType<ExecutableResource>();
    }
}
