using System.Diagnostics;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The image of a container.</summary>
[DebuggerDisplay("{Registry,nq}/{Image,nq}:{Tag,nq}")]
public sealed class ContainerImageAnnotation : IResourceAnnotation
{
    /// <summary>The registry; <see langword="null" /> means the default one.</summary>
    public string? Registry { get; set; }

    /// <summary>The image's name, without registry, tag and digest.</summary>
    public required string Image { get; set; }

    /// <summary>The tag; setting it drops the digest.</summary>
    public string? Tag
    {
        get;
        set
        {
            field = value;
            if (value is not null)
            {
                SHA256 = null;
            }
        }
    }

    /// <summary>The digest, without the prefix <c>sha256:</c>; setting it drops the tag.</summary>
    public string? SHA256
    {
        get;
        set
        {
            field = value;
            if (value is not null)
            {
                Tag = null;
            }
        }
    }
}

/// <summary>A directory, file or volume that a container sees.</summary>
[DebuggerDisplay("{Source,nq}:{Target,nq}")]
public sealed class ContainerMountAnnotation : IResourceAnnotation
{
    /// <summary>Declares the mount.</summary>
    /// <param name="source">The path on the host, or the name of the volume; <see langword="null" /> means an anonymous volume.</param>
    /// <param name="target">The path in the container.</param>
    /// <param name="type">A path of the host or a volume.</param>
    /// <param name="isReadOnly">Whether the container cannot write to it.</param>
    public ContainerMountAnnotation(string? source, string target, ContainerMountType type, bool isReadOnly)
    {
        ArgumentException.ThrowIfNullOrEmpty(target);
        if (type == ContainerMountType.BindMount)
        {
            ArgumentException.ThrowIfNullOrEmpty(source);
        }

        Source = source;
        Target = target;
        Type = type;
        IsReadOnly = isReadOnly;
    }

    /// <summary>The path on the host, or the name of the volume.</summary>
    public string? Source { get; }

    /// <summary>The path in the container.</summary>
    public string Target { get; }

    /// <summary>A path of the host or a volume.</summary>
    public ContainerMountType Type { get; }

    /// <summary>Whether the container cannot write to it.</summary>
    public bool IsReadOnly { get; }
}

/// <summary>The kinds of mounts.</summary>
public enum ContainerMountType
{
    /// <summary>A path of the host.</summary>
    BindMount,

    /// <summary>A volume.</summary>
    Volume
}

/// <summary>That the image of a container is built from a Dockerfile.</summary>
public class DockerfileBuildAnnotation : IResourceAnnotation
{
    /// <summary>Declares the build.</summary>
    /// <param name="contextPath">The full path of the build context.</param>
    /// <param name="dockerfilePath">The full path of the Dockerfile.</param>
    /// <param name="stage">The stage to build; <see langword="null" /> means the last.</param>
    public DockerfileBuildAnnotation(string contextPath, string dockerfilePath, string? stage)
    {
        ArgumentNullException.ThrowIfNull(contextPath);
        ArgumentNullException.ThrowIfNull(dockerfilePath);
        ContextPath = contextPath;
        DockerfilePath = dockerfilePath;
        Stage = stage;
    }

    /// <summary>The full path of the build context.</summary>
    public string ContextPath { get; }

    /// <summary>The full path of the Dockerfile.</summary>
    public string DockerfilePath { get; }

    /// <summary>The stage to build; <see langword="null" /> means the last.</summary>
    public string? Stage { get; }

    /// <summary>The build arguments: texts, or values that become known later.</summary>
    public Dictionary<string, object?> BuildArguments { get; } = [];
}
