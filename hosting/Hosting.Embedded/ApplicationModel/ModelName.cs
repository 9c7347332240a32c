namespace Aspire.Hosting.ApplicationModel;

/// <summary>
/// The rules for names of resources and endpoints: 1 to 64 ASCII letters, digits and single hyphens, beginning with a letter and
/// not ending in a hyphen (https://aka.ms/aspire/docs, resource naming conventions).
/// </summary>
internal static class ModelName
{
    public const int MaxLength = 64;

    /// <summary>Throws when the name breaks a rule.</summary>
    /// <param name="target">What is named, for the message: "Resource" or "Endpoint".</param>
    /// <param name="name">The name.</param>
    /// <param name="policy">Which of the rules apply; all of them by default.</param>
    /// <exception cref="ArgumentException">The name breaks a rule.</exception>
    public static void Validate(string target, string name, NameValidationPolicyAnnotation? policy = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (FindViolation(name, policy ?? NameValidationPolicyAnnotation.Default) is { } violation)
        {
            throw new ArgumentException($"{target} name '{name}' is invalid. Name {violation}.", nameof(name));
        }
    }

    private static string? FindViolation(string name, NameValidationPolicyAnnotation policy)
    {
        if (policy.MaxLength is { } max && (name.Length == 0 || name.Length > max))
        {
            return $"must be between 1 and {max} characters long";
        }

        if (policy.ValidateNoConsecutiveHyphens && name.Contains("--", StringComparison.Ordinal))
        {
            return "cannot contain consecutive hyphens";
        }

        if (policy.ValidateAllowedCharacters && !name.All(static c => char.IsAsciiLetterOrDigit(c) || c == '-'))
        {
            return "must contain only ASCII letters, digits, and hyphens";
        }

        if (policy.ValidateStartsWithLetter && name.Length > 0 && !char.IsAsciiLetter(name[0]))
        {
            return "must start with an ASCII letter";
        }

        return policy.ValidateNoTrailingHyphen && name.EndsWith('-') ? "cannot end with a hyphen" : null;
    }
}

/// <summary>Which of the naming rules apply to the resource that carries it.</summary>
public sealed class NameValidationPolicyAnnotation : IResourceAnnotation
{
    /// <summary>All rules: what a resource without this annotation is held to.</summary>
    public static readonly NameValidationPolicyAnnotation Default = new();

    /// <summary>No rule at all.</summary>
    public static readonly NameValidationPolicyAnnotation None = new()
    {
        MaxLength = null,
        ValidateStartsWithLetter = false,
        ValidateAllowedCharacters = false,
        ValidateNoConsecutiveHyphens = false,
        ValidateNoTrailingHyphen = false
    };

    /// <summary>The longest allowed name, 64 characters by default; <see langword="null" /> means any length.</summary>
    public int? MaxLength { get; init; } = ModelName.MaxLength;

    /// <summary>Whether the name must begin with a letter. <see langword="true" /> by default.</summary>
    public bool ValidateStartsWithLetter { get; init; } = true;

    /// <summary>Whether only ASCII letters, digits and hyphens are allowed. <see langword="true" /> by default.</summary>
    public bool ValidateAllowedCharacters { get; init; } = true;

    /// <summary>Whether two hyphens in a row are refused. <see langword="true" /> by default.</summary>
    public bool ValidateNoConsecutiveHyphens { get; init; } = true;

    /// <summary>Whether a hyphen at the end is refused. <see langword="true" /> by default.</summary>
    public bool ValidateNoTrailingHyphen { get; init; } = true;
}

/// <summary>A parameter or attribute that holds a name of the model.</summary>
public interface IModelNameParameter
{
}

/// <summary>Marks a parameter that is a resource name.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class ResourceNameAttribute : Attribute, IModelNameParameter
{
}

/// <summary>Marks a parameter that is an endpoint name.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class EndpointNameAttribute : Attribute, IModelNameParameter
{
}
