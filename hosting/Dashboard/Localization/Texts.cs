using System.Collections.Frozen;
using System.Text.Json;

namespace Dashboard.Localization;

/// <summary>
/// The words of the pages in one language. They are plain JSON inside the program, because the dashboard runs without the globalization
/// data of the system, on which .NET's own resources rest.
/// </summary>
public sealed class Texts
{
    /// <summary>The name of the cookie that keeps the choice.</summary>
    public const string Cookie = "dashboard-language";

    private const string Chinese = "zh-Hans";

    private static readonly FrozenDictionary<string, Texts> All =
        new[] { new Texts("en"), new Texts(Chinese) }.ToFrozenDictionary(texts => texts.Language);

    private readonly FrozenDictionary<string, string> _texts;

    private Texts(string language)
    {
        Language = language;
        using var stream = typeof(Texts).Assembly.GetManifestResourceStream($"Dashboard.Localization.{language}.json")!;
        _texts = JsonSerializer.Deserialize<Dictionary<string, string>>(stream)!.ToFrozenDictionary();
    }

    /// <summary>The language, as HTML names it.</summary>
    public string Language { get; }

    /// <summary>The languages there are, and their own names.</summary>
    public static IReadOnlyList<(string Language, string Name)> Languages { get; } = [("en", "English"), (Chinese, "简体中文")];

    /// <summary>A text. One that is missing is shown as its key, which a test does not let pass.</summary>
    public string this[string key] => _texts.GetValueOrDefault(key, key);

    /// <summary>A text, or the given one when there is none: for words that come from outside.</summary>
    public string Or(string key, string fallback) => _texts.GetValueOrDefault(key, fallback);

    /// <summary>The texts of a language; English for one that is not known.</summary>
    public static Texts Of(string? language) => All.GetValueOrDefault(language ?? "en", All["en"]);

    /// <summary>What a browser prefers, unless somebody has chosen.</summary>
    public static string LanguageOf(HttpRequest request)
    {
        if (request.Cookies[Cookie] is { } chosen && All.ContainsKey(chosen))
        {
            return chosen;
        }

        var preferred = request.GetTypedHeaders().AcceptLanguage.OrderByDescending(language => language.Quality ?? 1);
        foreach (var language in preferred)
        {
            if (language.Value.StartsWith("zh", StringComparison.OrdinalIgnoreCase))
            {
                return Chinese;
            }

            if (language.Value.StartsWith("en", StringComparison.OrdinalIgnoreCase))
            {
                break;
            }
        }

        return "en";
    }

    /// <summary>All keys, for the test that compares the languages.</summary>
    internal IEnumerable<string> Keys => _texts.Keys;
}
