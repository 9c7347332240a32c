namespace Aspire.Hosting.ApplicationModel;

/// <summary>A value that becomes known when the application runs.</summary>
public interface IValueProvider
{
    /// <summary>Gets the value, waiting for it if need be.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The value, or <see langword="null" /> when there is none.</returns>
    ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default);

    /// <summary>Gets the value for a certain asker, waiting for it if need be.</summary>
    /// <param name="context">Who asks.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The value, or <see langword="null" /> when there is none.</returns>
    ValueTask<string?> GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken = default) =>
        GetValueAsync(cancellationToken);
}

/// <summary>A value that has an expression to stand for it in a manifest.</summary>
public interface IManifestExpressionProvider
{
    /// <summary>The expression, such as <c>{ping.bindings.http.url}</c>.</summary>
    string ValueExpression { get; }
}

/// <summary>A value that can be used both in a run and in a manifest.</summary>
public interface IExpressionValue : IValueProvider, IManifestExpressionProvider
{
}

/// <summary>A value made of other values or resources.</summary>
public interface IValueWithReferences
{
    /// <summary>What it is made of.</summary>
    IEnumerable<object> References { get; }
}

/// <summary>Who asks for a value.</summary>
public class ValueProviderContext
{
    /// <summary>Run or publish.</summary>
    public DistributedApplicationExecutionContext? ExecutionContext { get; init; }

    /// <summary>The resource the value is for.</summary>
    public IResource? Caller { get; init; }

    /// <summary>Which replica of <see cref="Caller" /> the value is for, counted from 0.</summary>
    internal int? ReplicaIndex { get; init; }
}
