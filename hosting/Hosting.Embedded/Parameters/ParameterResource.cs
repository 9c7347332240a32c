using Aspire.Hosting.Publishing;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A value that is given to the application from outside: configuration, the environment, a generated default.</summary>
public class ParameterResource : Resource, IExpressionValue
{
    private readonly Lazy<string> _value;

    /// <summary>Creates the resource; <c>AddParameter</c> does it for an AppHost.</summary>
    /// <param name="name">The name.</param>
    /// <param name="callback">Gives the value; it is given the default value, when there is one.</param>
    /// <param name="secret">Whether the value is a secret, to be masked wherever it is shown. <see langword="false" /> by default.</param>
    public ParameterResource(string name, Func<ParameterDefault?, string> callback, bool secret = false) : base(name)
    {
        ArgumentNullException.ThrowIfNull(callback);

        _value = new Lazy<string>(() => callback(Default));
        Secret = secret;
    }

    /// <summary>The default value, when there is one.</summary>
    public ParameterDefault? Default { get; set; }

    /// <summary>What it is for.</summary>
    public string? Description { get; set; }

    /// <summary>Whether the description is Markdown.</summary>
    public bool EnableDescriptionMarkdown { get; set; }

    /// <summary>Whether the value is a secret.</summary>
    public bool Secret { get; }

    /// <summary>Whether the value is a connection string.</summary>
    public bool IsConnectionString { get; set; }

    /// <summary>The expression that stands for the value in a manifest, <c>{name.value}</c>.</summary>
    public string ValueExpression => $"{{{Name}.value}}";

    /// <summary>The value.</summary>
    /// <exception cref="MissingParameterValueException">There is none.</exception>
    [Obsolete("Use GetValueAsync for async access or pass the ParameterResource directly to methods that accept it (e.g., environment " +
        "variables).")]
    public string Value => _value.Value;

    /// <summary>The key of the configuration that holds the value.</summary>
    internal string ConfigurationKey
    {
        get => field ?? (IsConnectionString ? $"ConnectionStrings:{Name}" : $"Parameters:{Name}");
        set;
    }

    /// <summary>Gets the value.</summary>
    /// <param name="cancellationToken">Not used: the value is there or it is missing.</param>
    /// <returns>The value.</returns>
    /// <exception cref="MissingParameterValueException">There is none.</exception>
    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken) => new(_value.Value);

    /// <inheritdoc cref="GetValueAsync(CancellationToken)" />
    /// <param name="_">Not used.</param>
    /// <param name="cancellationToken">Not used: the value is there or it is missing.</param>
    public ValueTask<string?> GetValueAsync(ValueProviderContext _, CancellationToken cancellationToken) =>
        GetValueAsync(cancellationToken);
}

/// <summary>The default value of a parameter.</summary>
public abstract class ParameterDefault
{
    /// <summary>Gets the default value.</summary>
    /// <returns>The value.</returns>
    public abstract string GetDefaultValue();

    /// <summary>Writes to the manifest how the value comes about.</summary>
    /// <param name="context">Receives it.</param>
    public abstract void WriteToManifest(ManifestPublishingContext context);
}
