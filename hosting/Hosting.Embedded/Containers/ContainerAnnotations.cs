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
