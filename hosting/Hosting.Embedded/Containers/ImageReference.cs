using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>
/// Takes an image reference apart: <c>[registry/]name[:tag][@sha256:digest]</c>
/// (https://github.com/distribution/reference/blob/main/reference.go).
/// </summary>
internal static class ImageReference
{
    public static ContainerImageAnnotation Parse(string reference, string? tag)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reference);
        var (name, digest) = SplitLast(reference, '@');
        var colon = name.LastIndexOf(':');
        var (image, ownTag) = colon > name.LastIndexOf('/') ? (name[..colon], name[(colon + 1)..]) : (name, null);
        if ((ownTag ?? digest) is not null && tag is not null)
        {
            throw new InvalidOperationException($"The image '{reference}' has a tag or digest already; leave out the tag '{tag}'.");
        }

        if (image.Length == 0 || ownTag is "" || (digest is not null && !digest.StartsWith("sha256:", StringComparison.Ordinal)))
        {
            throw new ArgumentException($"'{reference}' is not an image; write it as " +
                "[registry/]name[:tag][@sha256:digest].", nameof(reference));
        }

        // The first part is a registry when it looks like a host: it has a dot or a port, or is localhost.
        var slash = image.IndexOf('/', StringComparison.Ordinal);
        var first = slash > 0 ? image[..slash] : "";
        var hasRegistry = first.AsSpan().ContainsAny('.', ':') || first == "localhost";
        var annotation = new ContainerImageAnnotation
        {
            Registry = hasRegistry ? first : null,
            Image = hasRegistry ? image[(slash + 1)..] : image
        };
        if (digest is not null)
        {
            annotation.SHA256 = digest["sha256:".Length..];
        }
        else
        {
            annotation.Tag = ownTag ?? tag ?? "latest";
        }

        return annotation;
    }

    private static (string Head, string? Tail) SplitLast(string text, char separator)
    {
        var index = text.LastIndexOf(separator);
        return index < 0 ? (text, null) : (text[..index], text[(index + 1)..]);
    }
}
