using System.Globalization;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Turns what callbacks put into the environment or the arguments into text, and tells whether a secret is in it.</summary>
internal static class ValueResolver
{
    /// <summary>Resolves a value.</summary>
    /// <returns>The text; <see langword="null" /> when the value provider has none, so that the variable is left out.</returns>
    public static async ValueTask<ResolvedValue?> ResolveAsync(
        object value,
        ValueProviderContext context,
        CancellationToken cancellationToken)
    {
        if (value is IResourceBuilder<IResource> builder)
        {
            value = builder.Resource;
        }

        if (value is not IValueProvider && value is not IManifestExpressionProvider)
        {
            return new ResolvedValue(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "", IsSensitive: false);
        }

        var isSensitive = ContainsSecret(value);
        if (context.ExecutionContext is { IsPublishMode: true } && value is IManifestExpressionProvider manifest)
        {
            return new ResolvedValue(manifest.ValueExpression, isSensitive);
        }

        if (value is not IValueProvider provider)
        {
            throw new InvalidOperationException($"a {value.GetType().Name} has a value only when the application is published.");
        }

        return await provider.GetValueAsync(context, cancellationToken) is { } text ? new ResolvedValue(text, isSensitive) : null;
    }

    /// <summary>Whether a value is made of a secret parameter, or of something that may contain one, such as a connection string.</summary>
    public static bool ContainsSecret(object value) => value switch
    {
        ParameterResource parameter => parameter.Secret,
        IValueWithReferences withReferences => withReferences.References.Any(ContainsSecret),
        _ => false
    };
}

/// <summary>A resolved value.</summary>
internal sealed record ResolvedValue(string Value, bool IsSensitive);
