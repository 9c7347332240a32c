using Aspire.Hosting.Publishing;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>How a resource is written to the manifest.</summary>
public class ManifestPublishingCallbackAnnotation : IResourceAnnotation
{
    /// <summary>Declares how it is written.</summary>
    /// <param name="callback">Writes the members of its entry; <see langword="null" /> when it has no entry.</param>
    public ManifestPublishingCallbackAnnotation(Action<ManifestPublishingContext>? callback)
    {
        Callback = callback is null
            ? null
            : context =>
            {
                callback(context);
                return Task.CompletedTask;
            };
    }

    /// <summary>Declares how it is written.</summary>
    /// <param name="callback">Writes the members of its entry; <see langword="null" /> when it has no entry.</param>
    public ManifestPublishingCallbackAnnotation(Func<ManifestPublishingContext, Task>? callback)
    {
        Callback = callback;
    }

    /// <summary>Keeps the resource out of what is published.</summary>
    public static ManifestPublishingCallbackAnnotation Ignore { get; } = new((Func<ManifestPublishingContext, Task>?)null);

    /// <summary>Writes the members of the resource's entry; <see langword="null" /> when it has no entry.</summary>
    public Func<ManifestPublishingContext, Task>? Callback { get; }
}
