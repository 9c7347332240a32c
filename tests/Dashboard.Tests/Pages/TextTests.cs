using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Dashboard.Localization;
using Dashboard.OpenApi;
using Dashboard.Pages.Parts;
using Dashboard.Terminal;

namespace Dashboard.Tests.Pages;

public sealed partial class TextTests
{
    [GeneratedRegex("""\b(?:T|texts)\["([A-Za-z.]+)"\]""")]
    private static partial Regex Used();

    [Fact]
    public void Every_language_has_every_text_and_none_is_empty()
    {
        var english = Texts.Of("en");
        foreach (var (language, _) in Texts.Languages)
        {
            var texts = Texts.Of(language);
            Assert.Equal(english.Keys.Order(), texts.Keys.Order());
            Assert.All(texts.Keys, key => Assert.NotEmpty(texts[key]));
        }
    }

    [Fact]
    public void Every_text_that_the_pages_use_is_there()
    {
        // Beside its program: hosting/Dashboard/bin/CONFIGURATION/FRAMEWORK/Dashboard.dll.
        var program = typeof(TextTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(each => each.Key == "dashboardpath").Value!;
        var sources = Path.GetFullPath(Path.Combine(program, "../../../.."));
        var keys = Texts.Of("en").Keys.ToHashSet();
        var used = Directory.EnumerateFiles(sources, "*", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file) is ".razor" or ".cs" && !file.Contains("/obj/", StringComparison.Ordinal))
            .SelectMany(file => Used().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value))
            .ToHashSet();
        Assert.True(used.Count > 100, $"{used.Count} are used in {sources}");
        Assert.Empty(used.Except(keys));
    }

    [Theory]
    [InlineData("plain", "plain:")]
    [InlineData("\e[32minfo\e[39m: started", "info:ansi-green|: started:")]
    [InlineData("\e[40m\e[32minfo\e[39m\e[22m\e[49m: x", "info:ansi-green|: x:")]
    [InlineData("\e[1;31mbad\e[0m good", "bad:ansi-red ansi-bold| good:")]
    [InlineData("\e[38;5;196mred\e[2mdim", "red:|dim:ansi-dim")]
    [InlineData("\e[2K\e[1Gline", "line:")]
    [InlineData("\e[m", "")]
    [InlineData("<b>&", "<b>&:")]
    public void Colours_of_terminals_become_styles(string line, string expected)
    {
        Assert.Equal(expected, string.Join('|', AnsiText.Parse(line).Select(span => $"{span.Text}:{span.Style}")));
        Assert.Equal(string.Concat(AnsiText.Parse(line).Select(span => span.Text)), AnsiText.Strip(line));
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(0.000_25, "250 µs")]
    [InlineData(0.012, "12 ms")]
    [InlineData(1.5, "1.5 s")]
    [InlineData(75, "1m 15s")]
    [InlineData(3_700, "1h 1m")]
    [InlineData(90_000, "1d 1h")]
    public void Lengths_of_time_are_short(double seconds, string expected) => Assert.Equal(expected, Format.Duration(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(512, "By", "512 B")]
    [InlineData(1536, "By", "1.5 KB")]
    [InlineData(5_242_880, "By", "5 MB")]
    [InlineData(0.25, "s", "250 ms")]
    [InlineData(12_345, "{request}", "12.3k")]
    [InlineData(double.NaN, "s", "–")]
    public void Measurements_have_their_unit(double value, string unit, string expected) => Assert.Equal(expected, Format.Measured(value, unit));

    [Fact]
    public void An_OpenAPI_document_is_read_as_far_as_it_goes()
    {
        var description = ApiDescription.Read(JsonNode.Parse(
            """
            {"openapi":"3.1.1","info":{"title":"Ping","version":"v1"},"components":{"parameters":{"page":{"name":"page","in":"query"}}},
            "paths":{"/ping":{"get":{"summary":"Answers","parameters":[{"name":"x","in":"query"}],"responses":{"200":{"description":"OK"}}}},
            "/orders/{id}":{"parameters":[{"name":"id","in":"path","required":true},7],"put":{"parameters":[{"$ref":"#/components/parameters/page"},
            {"$ref":"elsewhere"}],"requestBody":{"content":{"text/plain":{},"application/json":{}}},"responses":{"204":3}}},"/odd":5}}
            """)!);
        Assert.Equal(("Ping", 2), (description.Title, description.Operations.Count));
        var (get, put) = (description.Operations[0], description.Operations[1]);
        Assert.Equal(("GET", "/ping", "Answers", null), (get.Method, get.Path, get.Summary, get.BodyType));
        Assert.Equal([new ApiParameter("x", "query", false)], get.Parameters);
        Assert.Equal([("200", "OK")], get.Responses);
        Assert.Equal(("PUT", "application/json"), (put.Method, put.BodyType));
        Assert.Equal([new ApiParameter("page", "query", false), new ApiParameter("id", "path", true)], put.Parameters);
        Assert.Equal(
            "/orders/a%2Fb?page=2",
            put.Fill(new Dictionary<ApiParameter, string> { [put.Parameters[0]] = "2", [put.Parameters[1]] = "a/b" }));
    }
}
