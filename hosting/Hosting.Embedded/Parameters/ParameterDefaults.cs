using System.Security.Cryptography;
using Aspire.Hosting.Publishing;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A random default value, such as a password.</summary>
public sealed class GenerateParameterDefault : ParameterDefault
{
    // Without characters that look alike or need escaping in URLs, connection strings and shells: the sets are Aspire's.
    private const string LowerCharacters = "abcdefghjkmnpqrstuvwxyz";
    private const string UpperCharacters = "ABCDEFGHJKMNPQRSTUVWXYZ";
    private const string NumericCharacters = "0123456789";
    private const string SpecialCharacters = "-_.{}~()*+!";

    /// <summary>The shortest length, 22 characters by default: about 128 bits with all kinds of characters.</summary>
    public int MinLength { get; set; } = 22;

    /// <summary>Whether lower case letters are used. <see langword="true" /> by default.</summary>
    public bool Lower { get; set; } = true;

    /// <summary>Whether upper case letters are used. <see langword="true" /> by default.</summary>
    public bool Upper { get; set; } = true;

    /// <summary>Whether digits are used. <see langword="true" /> by default.</summary>
    public bool Numeric { get; set; } = true;

    /// <summary>Whether special characters are used. <see langword="true" /> by default.</summary>
    public bool Special { get; set; } = true;

    /// <summary>The least number of lower case letters, 0 by default.</summary>
    public int MinLower { get; set; }

    /// <summary>The least number of upper case letters, 0 by default.</summary>
    public int MinUpper { get; set; }

    /// <summary>The least number of digits, 0 by default.</summary>
    public int MinNumeric { get; set; }

    /// <summary>The least number of special characters, 0 by default.</summary>
    public int MinSpecial { get; set; }

    /// <summary>Generates a value with a cryptographic random generator.</summary>
    /// <returns>A new value each time.</returns>
    /// <exception cref="InvalidOperationException">No kind of character may be used, or one that may not is asked for.</exception>
    public override string GetDefaultValue()
    {
        (string Characters, bool IsUsed, int Minimum)[] kinds =
        [
            (LowerCharacters, Lower, MinLower),
            (UpperCharacters, Upper, MinUpper),
            (NumericCharacters, Numeric, MinNumeric),
            (SpecialCharacters, Special, MinSpecial)
        ];
        if (kinds.Any(static k => k.Minimum < 0 || (!k.IsUsed && k.Minimum > 0)) || !kinds.Any(static k => k.IsUsed))
        {
            throw new InvalidOperationException("A value cannot be generated: allow at least one kind of character, and no minimum for " +
                "one that is not allowed.");
        }

        var all = string.Concat(kinds.Where(static k => k.IsUsed).Select(static k => k.Characters));
        var required = kinds.SelectMany(static k => RandomNumberGenerator.GetItems<char>(k.Characters, k.Minimum)).ToArray();
        var value = (char[])[.. required, .. RandomNumberGenerator.GetItems<char>(all, Math.Max(0, MinLength - required.Length))];
        RandomNumberGenerator.Shuffle(value.AsSpan());
        return new string(value);
    }

    /// <inheritdoc />
    public override void WriteToManifest(ManifestPublishingContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Writer.WriteStartObject("generate");
        context.Writer.WriteNumber("minLength", MinLength);
        foreach (var (name, _) in new[] { ("lower", Lower), ("upper", Upper), ("numeric", Numeric), ("special", Special) }
            .Where(static kind => !kind.Item2))
        {
            context.Writer.WriteBoolean(name, false);
        }

        foreach (var (name, minimum) in new[]
        {
            ("minLower", MinLower), ("minUpper", MinUpper), ("minNumeric", MinNumeric), ("minSpecial", MinSpecial)
        }.Where(static kind => kind.Item2 != 0))
        {
            context.Writer.WriteNumber(name, minimum);
        }

        context.Writer.WriteEndObject();
    }
}

/// <summary>A default value that is also written to the manifest.</summary>
internal sealed class ConstantParameterDefault : ParameterDefault
{
    private readonly Lazy<string> _value;

    public ConstantParameterDefault(Func<string> valueGetter)
    {
        _value = new Lazy<string>(valueGetter);
    }

    public override string GetDefaultValue() => _value.Value;

    public override void WriteToManifest(ManifestPublishingContext context) => context.Writer.WriteString("value", GetDefaultValue());
}
