namespace Aspire.Hosting.ApplicationModel;

/// <summary>How a resource is written to the manifest.</summary>
public class ManifestPublishingCallbackAnnotation : IResourceAnnotation
{
    internal ManifestPublishingCallbackAnnotation()
    {
    }

    /// <summary>Keeps the resource out of what is published.</summary>
    public static ManifestPublishingCallbackAnnotation Ignore { get; } = new();
}
