using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>The one implementation of <see cref="IResourceBuilder{T}" />.</summary>
internal sealed class DistributedApplicationResourceBuilder<T> : IResourceBuilder<T> where T : IResource
{
    public DistributedApplicationResourceBuilder(IDistributedApplicationBuilder applicationBuilder, T resource)
    {
        ApplicationBuilder = applicationBuilder;
        Resource = resource;
    }

    public IDistributedApplicationBuilder ApplicationBuilder { get; }

    public T Resource { get; }

    public IResourceBuilder<T> WithAnnotation<TAnnotation>(TAnnotation annotation, ResourceAnnotationMutationBehavior behavior)
        where TAnnotation : IResourceAnnotation
    {
        ArgumentNullException.ThrowIfNull(annotation);
        if (behavior == ResourceAnnotationMutationBehavior.Replace)
        {
            foreach (var existing in Resource.Annotations.OfType<TAnnotation>().ToArray())
            {
                Resource.Annotations.Remove(existing);
            }
        }

        Resource.Annotations.Add(annotation);
        return this;
    }
}
