using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>
/// A text with values in it that become known when the application runs:
/// <c>ReferenceExpression.Create($"{endpoint}/api?key={parameter}")</c>.
/// </summary>
[DebuggerDisplay("{ValueExpression,nq}")]
public class ReferenceExpression : IExpressionValue, IValueWithReferences
{
    /// <summary>The expression without any text.</summary>
    public static readonly ReferenceExpression Empty = new ReferenceExpressionBuilder().Build();

    internal ReferenceExpression(string format, IValueProvider[] valueProviders, string[] manifestExpressions, string?[] stringFormats)
    {
        Format = format;
        ValueProviders = valueProviders;
        ManifestExpressions = manifestExpressions;
        StringFormats = stringFormats;
    }

    /// <summary>The text, a composite format string with a placeholder for each value.</summary>
    public string Format { get; }

    /// <summary>The values.</summary>
    public IReadOnlyList<IValueProvider> ValueProviders { get; }

    /// <summary>The expressions that stand for the values in a manifest.</summary>
    public IReadOnlyList<string> ManifestExpressions { get; }

    /// <summary>How each value is encoded: <c>uri</c>, or <see langword="null" /> for not at all.</summary>
    public IReadOnlyList<string?> StringFormats { get; }

    /// <summary>The expression that stands for the whole in a manifest.</summary>
    public string ValueExpression => string.Format(CultureInfo.InvariantCulture, Format, [.. ManifestExpressions]);

    IEnumerable<object> IValueWithReferences.References => ValueProviders;

    /// <summary>Creates an expression from an interpolated string.</summary>
    /// <param name="handler">The interpolated string.</param>
    /// <returns>The expression.</returns>
    public static ReferenceExpression Create(in ExpressionInterpolatedStringHandler handler) => handler.Build();

    /// <summary>Gets the text, waiting for the values if need be.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The text; <see langword="null" /> when the expression is empty.</returns>
    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken) => GetValueAsync(new(), cancellationToken);

    /// <summary>Gets the text for a certain asker, waiting for the values if need be.</summary>
    /// <param name="context">Who asks.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The text; <see langword="null" /> when the expression is empty.</returns>
    public async ValueTask<string?> GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken)
    {
        if (Format.Length == 0)
        {
            return null;
        }

        var values = new object?[ValueProviders.Count];
        for (var i = 0; i < values.Length; i++)
        {
            var value = await ValueProviders[i].GetValueAsync(context, cancellationToken);
            values[i] = value is not null && StringFormats[i] is { } format ? ReferenceExpressionBuilder.Encode(value, format) : value;
        }

        return string.Format(CultureInfo.InvariantCulture, Format, values);
    }

    /// <summary>Takes an interpolated string apart into text and values.</summary>
    [InterpolatedStringHandler]
    public ref struct ExpressionInterpolatedStringHandler
    {
        private readonly ReferenceExpressionBuilder _builder = new();

        /// <summary>Called by the compiler.</summary>
        /// <param name="literalLength">The length of the text.</param>
        /// <param name="formattedCount">The number of values.</param>
        public ExpressionInterpolatedStringHandler(int literalLength, int formattedCount)
        {
        }

        /// <summary>Adds text.</summary>
        /// <param name="value">The text.</param>
        public readonly void AppendLiteral(string value) => _builder.AppendText(value);

        /// <summary>Adds a known value.</summary>
        /// <param name="value">The value.</param>
        public readonly void AppendFormatted(string? value) => _builder.AppendText(value);

        /// <summary>Adds a known value.</summary>
        /// <param name="value">The value.</param>
        /// <param name="format">How it is encoded: <c>uri</c>, or <see langword="null" /> for not at all.</param>
        public readonly void AppendFormatted(string? value, string? format = null) =>
            _builder.AppendText(value is null || format is null ? value : ReferenceExpressionBuilder.Encode(value, format));

        /// <summary>Adds a value that becomes known later.</summary>
        /// <typeparam name="T">The type of the value.</typeparam>
        /// <param name="valueProvider">The value.</param>
        public void AppendFormatted<T>(T valueProvider) where T : IValueProvider, IManifestExpressionProvider =>
            _builder.AppendFormatted(valueProvider, format: null);

        /// <summary>Adds a value that becomes known later.</summary>
        /// <typeparam name="T">The type of the value.</typeparam>
        /// <param name="valueProvider">The value.</param>
        /// <param name="format">How it is encoded: <c>uri</c>, or <see langword="null" /> for not at all.</param>
        public void AppendFormatted<T>(T valueProvider, string? format = null) where T : IValueProvider, IManifestExpressionProvider =>
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
        public void AppendFormatted<T>(IResourceBuilder<T> valueProvider, string? format = null)
            where T : IResource, IValueProvider, IManifestExpressionProvider
        {
            ArgumentNullException.ThrowIfNull(valueProvider);
            _builder.AppendFormatted(valueProvider.Resource, format);
        }

        internal readonly ReferenceExpression Build() => _builder.Build();
    }
}
