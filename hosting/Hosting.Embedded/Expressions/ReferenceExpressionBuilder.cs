using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Builds a <see cref="ReferenceExpression" /> piece by piece.</summary>
public class ReferenceExpressionBuilder
{
    private readonly StringBuilder _format = new();
    private readonly List<IValueProvider> _valueProviders = [];
    private readonly List<string> _manifestExpressions = [];
    private readonly List<string?> _stringFormats = [];

    /// <summary>Whether nothing has been added.</summary>
    public bool IsEmpty => _format.Length == 0;

    /// <summary>Adds an interpolated string.</summary>
    /// <param name="handler">The interpolated string.</param>
    public void Append([InterpolatedStringHandlerArgument("")] in ReferenceExpressionBuilderInterpolatedStringHandler handler)
    {
        // The compiler has made the handler write into this builder already.
        Debug.Assert(handler.WritesTo(this));
    }

    /// <summary>Adds text that is part of a composite format string: braces must be doubled.</summary>
    /// <param name="value">The text.</param>
    public void AppendLiteral(string value) => _format.Append(value);

    /// <summary>Adds text that is part of a composite format string: braces must be doubled.</summary>
    /// <param name="value">The text.</param>
    public void AppendFormatted(string? value) => _format.Append(value);

    /// <summary>Adds a known value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="format">How it is encoded: <c>uri</c>, or <see langword="null" /> for not at all.</param>
    public void AppendFormatted(string? value, string? format = null) =>
        _format.Append(value is null || format is null ? value : Encode(value, format));

    /// <summary>Adds a value that becomes known later.</summary>
    /// <typeparam name="T">The type of the value.</typeparam>
    /// <param name="valueProvider">The value.</param>
    public void AppendFormatted<T>(T valueProvider) where T : IValueProvider, IManifestExpressionProvider =>
        AppendFormatted(valueProvider, format: null);

    /// <summary>Adds a value that becomes known later.</summary>
    /// <typeparam name="T">The type of the value.</typeparam>
    /// <param name="valueProvider">The value.</param>
    /// <param name="format">How it is encoded: <c>uri</c>, or <see langword="null" /> for not at all.</param>
    public void AppendFormatted<T>(T valueProvider, string? format) where T : IValueProvider, IManifestExpressionProvider
    {
        ArgumentNullException.ThrowIfNull(valueProvider);
        Add(valueProvider, valueProvider.ValueExpression, format);
    }

    /// <summary>Adds a value that becomes known later.</summary>
    /// <param name="valueProvider">The value, or the builder of a resource that has one.</param>
    /// <param name="format">How it is encoded: <c>uri</c>, or <see langword="null" /> for not at all.</param>
    /// <exception cref="ArgumentException">It is not such a value.</exception>
    public void AppendValueProvider(object valueProvider, string? format = null)
    {
        ArgumentNullException.ThrowIfNull(valueProvider);
        var value = valueProvider is IResourceBuilder<IResource> builder ? builder.Resource : valueProvider;
        if (value is not (IValueProvider provider and IManifestExpressionProvider manifest))
        {
            throw new ArgumentException(
                $"A {value.GetType().Name} cannot be part of an expression: it must implement IValueProvider and " +
                    "IManifestExpressionProvider.",
                nameof(valueProvider));
        }

        Add(provider, manifest.ValueExpression, format);
    }

    /// <summary>Builds the expression.</summary>
    /// <returns>The expression.</returns>
    public ReferenceExpression Build() =>
        new(_format.ToString(), [.. _valueProviders], [.. _manifestExpressions], [.. _stringFormats]);

    /// <summary>Adds text in which single braces are meant as such.</summary>
    internal void AppendText(string? text)
    {
        if (text is null)
        {
            return;
        }

        for (var i = 0; i < text.Length; i++)
        {
            _format.Append(text[i]);
            if (text[i] is '{' or '}')
            {
                // Doubled braces are taken as escaped already, as Aspire does.
                _format.Append(text[i]);
                i += i + 1 < text.Length && text[i + 1] == text[i] ? 1 : 0;
            }
        }
    }

    /// <summary>Encodes a value as its format says.</summary>
    /// <exception cref="FormatException">There is no such format.</exception>
    internal static string Encode(string value, string format) => format.ToUpperInvariant() switch
    {
        "URI" => Uri.EscapeDataString(value),
        _ => throw new FormatException($"The format '{format}' is not supported in an expression; use 'uri' or none.")
    };

    private void Add(IValueProvider value, string manifestExpression, string? format)
    {
        _format.Append(CultureInfo.InvariantCulture, $"{{{_valueProviders.Count}}}");
        _valueProviders.Add(value);
        _manifestExpressions.Add(manifestExpression);
        _stringFormats.Add(format);
    }

    /// <summary>Takes an interpolated string apart and adds it to a builder.</summary>
    [InterpolatedStringHandler]
    public ref struct ReferenceExpressionBuilderInterpolatedStringHandler
    {
        private readonly ReferenceExpressionBuilder _builder;

        /// <summary>Called by the compiler.</summary>
        /// <param name="literalLength">The length of the text.</param>
        /// <param name="formattedCount">The number of values.</param>
        /// <param name="builder">What is added to.</param>
        public ReferenceExpressionBuilderInterpolatedStringHandler(
            int literalLength,
            int formattedCount,
            ReferenceExpressionBuilder builder)
        {
            ArgumentNullException.ThrowIfNull(builder);
            _builder = builder;
        }

        internal readonly bool WritesTo(ReferenceExpressionBuilder builder) => ReferenceEquals(_builder, builder);

        /// <summary>Adds text.</summary>
        /// <param name="value">The text.</param>
        public readonly void AppendLiteral(string value) => _builder.AppendText(value);

        /// <summary>Adds a known value.</summary>
        /// <param name="value">The value.</param>
        public readonly void AppendFormatted(string? value) => _builder.AppendText(value);

        /// <summary>Adds a known value.</summary>
        /// <param name="value">The value.</param>
        /// <param name="format">How it is encoded: <c>uri</c>.</param>
        public void AppendFormatted(string? value, string format) => _builder.AppendText(value is null ? null : Encode(value, format));

        /// <summary>Adds a value that becomes known later.</summary>
        /// <typeparam name="T">The type of the value.</typeparam>
        /// <param name="valueProvider">The value.</param>
        public void AppendFormatted<T>(T valueProvider) where T : IValueProvider, IManifestExpressionProvider =>
            _builder.AppendFormatted(valueProvider, format: null);

        /// <summary>Adds a value that becomes known later.</summary>
        /// <typeparam name="T">The type of the value.</typeparam>
        /// <param name="valueProvider">The value.</param>
        /// <param name="format">How it is encoded: <c>uri</c>, or <see langword="null" /> for not at all.</param>
        public void AppendFormatted<T>(T valueProvider, string? format) where T : IValueProvider, IManifestExpressionProvider =>
            _builder.AppendFormatted(valueProvider, format);

        /// <summary>Adds the value of a resource, such as a parameter.</summary>
        /// <typeparam name="T">The type of the resource.</typeparam>
        /// <param name="valueProvider">The resource.</param>
        public void AppendFormatted<T>(IResourceBuilder<T> valueProvider)
            where T : IResource, IValueProvider, IManifestExpressionProvider =>
            AppendFormatted(valueProvider, format: null);

        /// <summary>Adds the value of a resource, such as a parameter.</summary>
        /// <typeparam name="T">The type of the resource.</typeparam>
        /// <param name="valueProvider">The resource.</param>
        /// <param name="format">How it is encoded: <c>uri</c>, or <see langword="null" /> for not at all.</param>
        public void AppendFormatted<T>(IResourceBuilder<T> valueProvider, string? format)
            where T : IResource, IValueProvider, IManifestExpressionProvider
        {
            ArgumentNullException.ThrowIfNull(valueProvider);
            _builder.AppendFormatted(valueProvider.Resource, format);
        }
    }
}
