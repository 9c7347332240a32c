using System.Runtime.CompilerServices;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Adds containers. They can be declared and published; this engine does not run them.</summary>
public static class ContainerResourceBuilderExtensions
{
    /// <summary>Adds a container.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The name.</param>
    /// <param name="image">The image, with registry, tag and digest if need be; the tag is <c>latest</c> by default.</param>
    /// <returns>A builder that configures it.</returns>
    public static IResourceBuilder<ContainerResource> AddContainer(
        this IDistributedApplicationBuilder builder,
        [ResourceName] string name,
        string image)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddResource(new ContainerResource(name)).WithImage(image);
    }

    /// <summary>Adds a container.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The name.</param>
    /// <param name="image">The image, without tag.</param>
    /// <param name="tag">The tag.</param>
    /// <returns>A builder that configures it.</returns>
    public static IResourceBuilder<ContainerResource> AddContainer(
        this IDistributedApplicationBuilder builder,
        [ResourceName] string name,
        string image,
        string tag)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddResource(new ContainerResource(name)).WithImage(image, tag);
    }

    /// <summary>Adds a container whose image is built from a Dockerfile.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The name.</param>
    /// <param name="contextPath">The build context, relative to the AppHost's directory.</param>
    /// <param name="dockerfilePath">The Dockerfile, relative to the build context; <c>Dockerfile</c> by default.</param>
    /// <param name="stage">The stage to build; the last by default.</param>
    /// <returns>A builder that configures it.</returns>
    public static IResourceBuilder<ContainerResource> AddDockerfile(
        this IDistributedApplicationBuilder builder,
        [ResourceName] string name,
        string contextPath,
        string? dockerfilePath = null,
        string? stage = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddResource(new ContainerResource(name)).WithDockerfile(contextPath, dockerfilePath, stage);
    }

    /// <summary>Builds the image of the container from a Dockerfile.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The container.</param>
    /// <param name="contextPath">The build context, relative to the AppHost's directory.</param>
    /// <param name="dockerfilePath">The Dockerfile, relative to the build context; <c>Dockerfile</c> by default.</param>
    /// <param name="stage">The stage to build; the last by default.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<T> WithDockerfile<T>(
        this IResourceBuilder<T> builder,
        string contextPath,
        string? dockerfilePath = null,
        string? stage = null)
        where T : ContainerResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(contextPath);
        var context = Path.GetFullPath(contextPath, builder.ApplicationBuilder.AppHostDirectory);
        builder.WithAnnotation(
            new DockerfileBuildAnnotation(context, Path.GetFullPath(dockerfilePath ?? "Dockerfile", context), stage),
            ResourceAnnotationMutationBehavior.Replace);

        // IsContainer asks for an image; until it is built, it goes by the name of the resource.
        return builder.Resource.IsContainer()
            ? builder
            : builder.WithAnnotation(new ContainerImageAnnotation { Image = builder.Resource.Name.ToLowerInvariant(), Tag = "latest" });
    }

    /// <summary>Adds a build argument.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The container; it must be built from a Dockerfile.</param>
    /// <param name="name">The name.</param>
    /// <param name="value">The value: a text, or a value that becomes known later.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="InvalidOperationException">The image is not built from a Dockerfile.</exception>
    public static IResourceBuilder<T> WithBuildArg<T>(
        this IResourceBuilder<T> builder,
        string name,
        object? value)
        where T : ContainerResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (!builder.Resource.TryGetLastAnnotation<DockerfileBuildAnnotation>(out var build))
        {
            throw new InvalidOperationException(
                $"Container '{builder.Resource.Name}' is not built from a Dockerfile; call WithDockerfile before WithBuildArg.");
        }

        build.BuildArguments[name] = value;
        return builder;
    }

    /// <summary>Adds a build argument whose value is a parameter.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The container; it must be built from a Dockerfile.</param>
    /// <param name="name">The name.</param>
    /// <param name="value">The parameter. A secret is refused: build arguments can be read from the image.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="InvalidOperationException">The image is not built from a Dockerfile, or the parameter is a secret.</exception>
    public static IResourceBuilder<T> WithBuildArg<T>(
        this IResourceBuilder<T> builder,
        string name,
        IResourceBuilder<ParameterResource> value)
        where T : ContainerResource
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.Resource.Secret
            ? throw new InvalidOperationException($"Parameter '{value.Resource.Name}' is a secret and cannot be a build argument: it " +
                "could be read from the image.")
            : builder.WithBuildArg(name, (object)value.Resource);
    }

    /// <summary>Replaces the image of the container.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The container.</param>
    /// <param name="image">The image, with registry, tag and digest if need be.</param>
    /// <param name="tag">The tag; <c>latest</c> by default.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="InvalidOperationException">The image has a tag or digest, and another tag is given.</exception>
    public static IResourceBuilder<T> WithImage<T>(
        this IResourceBuilder<T> builder,
        string image,
        string? tag = null)
        where T : ContainerResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithAnnotation(ImageReference.Parse(image, tag), ResourceAnnotationMutationBehavior.Replace);
    }

    /// <summary>Replaces the tag of the image.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The container.</param>
    /// <param name="tag">The tag.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<T> WithImageTag<T>(this IResourceBuilder<T> builder, string tag) where T : ContainerResource
    {
        builder.ImageOf().Tag = tag;
        return builder;
    }

    /// <summary>Replaces the registry of the image.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The container.</param>
    /// <param name="registry">The registry; <see langword="null" /> means the default one.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<T> WithImageRegistry<T>(this IResourceBuilder<T> builder, string? registry) where T : ContainerResource
    {
        builder.ImageOf().Registry = registry;
        return builder;
    }

    /// <summary>Names the image by its digest.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The container.</param>
    /// <param name="sha256">The digest, without the prefix <c>sha256:</c>.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<T> WithImageSHA256<T>(this IResourceBuilder<T> builder, string sha256) where T : ContainerResource
    {
        builder.ImageOf().SHA256 = sha256;
        return builder;
    }

    /// <summary>Replaces the entry point of the image.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The container.</param>
    /// <param name="entrypoint">The command.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<T> WithEntrypoint<T>(this IResourceBuilder<T> builder, string entrypoint) where T : ContainerResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Resource.Entrypoint = entrypoint;
        return builder;
    }

    /// <summary>Mounts a path of the host.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The container.</param>
    /// <param name="source">The path, relative to the AppHost's directory.</param>
    /// <param name="target">The path in the container.</param>
    /// <param name="isReadOnly">Whether the container cannot write to it. <see langword="false" /> by default.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<T> WithBindMount<T>(
        this IResourceBuilder<T> builder,
        string source,
        string target,
        bool isReadOnly = false)
        where T : ContainerResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        var path = Path.GetFullPath(source, builder.ApplicationBuilder.AppHostDirectory);
        return builder.WithAnnotation(new ContainerMountAnnotation(path, target, ContainerMountType.BindMount, isReadOnly));
    }

    /// <summary>Mounts a volume.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The container.</param>
    /// <param name="name">The name of the volume; <see langword="null" /> means an anonymous one.</param>
    /// <param name="target">The path in the container.</param>
    /// <param name="isReadOnly">Whether the container cannot write to it. <see langword="false" /> by default.</param>
    /// <returns>The builder.</returns>
    [OverloadResolutionPriority(1)]
    public static IResourceBuilder<T> WithVolume<T>(this IResourceBuilder<T> builder, string? name, string target, bool isReadOnly = false)
        where T : ContainerResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithAnnotation(new ContainerMountAnnotation(name, target, ContainerMountType.Volume, isReadOnly));
    }

    /// <summary>Mounts an anonymous volume.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The container.</param>
    /// <param name="target">The path in the container.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<T> WithVolume<T>(this IResourceBuilder<T> builder, string target) where T : ContainerResource =>
        builder.WithVolume(name: null, target);

    private static ContainerImageAnnotation ImageOf<T>(this IResourceBuilder<T> builder) where T : ContainerResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Resource.TryGetLastAnnotation<ContainerImageAnnotation>(out var image)
            ? image
            : throw new InvalidOperationException($"Container '{builder.Resource.Name}' has no image yet; call WithImage first.");
    }
}
