namespace Aspire.Hosting.ApplicationModel;

/// <summary>That a resource sends telemetry.</summary>
public class OtlpExporterAnnotation : IResourceAnnotation
{
    /// <summary>The protocol it requires; <see langword="null" /> means any.</summary>
    public OtlpProtocol? RequiredProtocol { get; init; }
}

/// <summary>The id of a replica in telemetry: what its name has after the resource's name.</summary>
internal sealed class ReplicaInstanceId : IExpressionValue
{
    private readonly IResource _resource;

    public ReplicaInstanceId(IResource resource)
    {
        _resource = resource;
    }

    public string ValueExpression => _resource.Name;

    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => GetValueAsync(new(), cancellationToken);

    public ValueTask<string?> GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken = default)
    {
        var ids = _resource.GetResourceIds();
        var id = ids[context.ReplicaIndex is { } index && index < ids.Count ? index : 0];
        return new(id.StartsWith($"{_resource.Name}-", StringComparison.OrdinalIgnoreCase) ? id[(_resource.Name.Length + 1)..] : id);
    }
}
