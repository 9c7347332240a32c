using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting;

/// <summary>A connection string made of texts and values of other resources.</summary>
public sealed class ConnectionStringResource : Resource, IResourceWithConnectionString, IResourceWithWaitSupport
{
    /// <summary>Creates the resource; <c>AddConnectionString</c> does it for an AppHost.</summary>
    /// <param name="name">The name.</param>
    /// <param name="connectionStringExpression">The connection string.</param>
    public ConnectionStringResource(string name, ReferenceExpression connectionStringExpression) : base(name)
    {
        ArgumentNullException.ThrowIfNull(connectionStringExpression);
        ConnectionStringExpression = connectionStringExpression;
    }

    /// <inheritdoc />
    public ReferenceExpression ConnectionStringExpression { get; }
}

/// <summary>A connection string that comes from the configuration (<c>ConnectionStrings:{name}</c>). Always a secret.</summary>
internal sealed class ConnectionStringParameterResource : ParameterResource, IResourceWithConnectionString
{
    public ConnectionStringParameterResource(string name, IConfiguration configuration, string? environmentVariableName)
        : base(name, _ => configuration.GetConnectionString(name) ?? throw Missing(name), secret: true)
    {
        ConnectionStringEnvironmentVariable = environmentVariableName;
        IsConnectionString = true;
    }

    public string? ConnectionStringEnvironmentVariable { get; }

    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"{this}");

    string IManifestExpressionProvider.ValueExpression => $"{{{Name}.connectionString}}";

    // The expression refers to the resource itself, so the value must not be taken from it.
    ValueTask<string?> IValueProvider.GetValueAsync(CancellationToken cancellationToken) => GetValueAsync(cancellationToken);

    ValueTask<string?> IValueProvider.GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken) =>
        GetValueAsync(cancellationToken);

    IEnumerable<object> IValueWithReferences.References => [];

    private static MissingParameterValueException Missing(string name) =>
        new($"Connection string '{name}' has no value: set ConnectionStrings:{name} in the AppHost's configuration " +
            $"(environment variable ConnectionStrings__{name}, user secrets or appsettings.json).");
}
