using System.Globalization;
using System.Text;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Publishing;

/// <content>
/// Expressions of the manifest. A manifest cannot encode a value, so a parameter that is encoded within an expression becomes an entry of
/// its own, <c>password-uri-encoded</c>, which says how.
/// </content>
public sealed partial class ManifestPublishingContext
{
    private readonly Dictionary<ParameterResource, Dictionary<string, string>> _formatted = [];
    private readonly HashSet<string> _names = new(ResourceNameComparer.Instance);

    private string Expression(object? source, string expression) =>
        source is ReferenceExpression reference ? Expression(reference) : expression;

    private string Expression(ReferenceExpression expression)
    {
        var arguments = new object[expression.ManifestExpressions.Count];
        for (var i = 0; i < arguments.Length; i++)
        {
            arguments[i] = NameOfFormatted(expression.ValueProviders[i], expression.StringFormats[i]) is { } name
                ? $"{{{name}.value}}"
                : expression.ManifestExpressions[i];
        }

        return string.Format(CultureInfo.InvariantCulture, expression.Format, arguments);
    }

    private void RegisterFormatted(ReferenceExpression expression)
    {
        for (var i = 0; i < expression.ValueProviders.Count; i++)
        {
            NameOfFormatted(expression.ValueProviders[i], expression.StringFormats[i]);
        }
    }

    private string? NameOfFormatted(object provider, string? format)
    {
        var parameter = provider as ParameterResource
            ?? (provider is ReferenceExpression { Format: "{0}", ValueProviders: [ParameterResource single] } ? single : null);
        if (parameter is null || string.IsNullOrEmpty(format))
        {
            return null;
        }

        if (!_formatted.TryGetValue(parameter, out var formats))
        {
            _formatted[parameter] = formats = new Dictionary<string, string>(StringComparer.Ordinal);
        }

        if (!formats.TryGetValue(format, out var name))
        {
            formats[format] = name = FreeName($"{parameter.Name}-{Sanitize(format)}-encoded");
        }

        return name;
    }

    private string FreeName(string wanted)
    {
        var name = wanted;
        for (var suffix = 1; !_names.Add(name); suffix++)
        {
            name = $"{wanted}-{suffix}";
        }

        return name;
    }

    private static string Sanitize(string format)
    {
        var name = new StringBuilder(format.Length);
        foreach (var c in format)
        {
            if (char.IsLetterOrDigit(c))
            {
                name.Append(char.ToLowerInvariant(c));
            }
            else if (name.Length > 0 && name[^1] != '-')
            {
                name.Append('-');
            }
        }

        return name.ToString().Trim('-') is { Length: > 0 } sanitized ? sanitized : "formatted";
    }

    private void WriteFormatted(ParameterResource parameter)
    {
        if (!_formatted.Remove(parameter, out var formats))
        {
            return;
        }

        foreach (var (format, name) in formats)
        {
            Writer.WriteStartObject(name);
            Writer.WriteString("type", "annotated.string");
            Writer.WriteString("value", parameter.ValueExpression);
            Writer.WriteString("filter", format);
            Writer.WriteEndObject();
        }
    }

    private void WriteRemainingFormatted()
    {
        foreach (var parameter in _formatted.Keys.ToArray())
        {
            WriteFormatted(parameter);
        }
    }
}
