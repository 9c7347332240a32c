using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Publishing;

namespace Hosting.Embedded.Tests.Parameters;

public class ParameterTests
{
    [Theory]
    [InlineData("--Parameters:my-key=a", "a")]
    [InlineData("--Parameters:my_key=b", "b")]
    [InlineData("--Other=c", "default")]
    public async Task A_value_is_in_the_configuration_or_else_the_default(string arg, string expected)
    {
        var parameter = TestModel.Run(arg).AddParameter("my-key", new Constant("default"));
        Assert.Equal(expected, await parameter.Resource.GetValueAsync(TestContext.Current.CancellationToken));
        Assert.Equal("{my-key.value}", parameter.Resource.ValueExpression);
    }

    [Fact]
    public async Task A_value_may_be_under_another_key_or_given()
    {
        var builder = TestModel.Run("--Custom:Key=custom");
        Assert.Equal("custom", await builder.AddParameterFromConfiguration("a", "Custom:Key").Resource.GetValueAsync(TestContext.Current.CancellationToken));
        Assert.Equal("given", await builder.AddParameter("b", "given").Resource.GetValueAsync(TestContext.Current.CancellationToken));
        Assert.Equal("later", await builder.AddParameter("c", () => "later", publishValueAsDefault: true).Resource.GetValueAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_callback_is_called_once()
    {
        var calls = 0;
        var parameter = TestModel.Run().AddParameter("a", () => $"{++calls}").Resource;
        Assert.Equal(("1", "1"), (await parameter.GetValueAsync(TestContext.Current.CancellationToken), await parameter.GetValueAsync(TestContext.Current.CancellationToken)));
    }

    [Fact]
    public void A_secret_is_not_published() => Assert.StartsWith(
        "Parameter 'a' cannot be both secret and published as a default value.",
        Assert.Throws<ArgumentException>(() => TestModel.Run().AddParameter("a", "v", publishValueAsDefault: true, secret: true)).Message,
        StringComparison.Ordinal);

    [Fact]
    public void A_description_is_kept()
    {
        var parameter = TestModel.Run().AddParameter("a").WithDescription("What it is **for**", enableMarkdown: true).Resource;
        Assert.Equal(("What it is **for**", true), (parameter.Description, parameter.EnableDescriptionMarkdown));
    }

    [Theory]
    [InlineData(22, true, true, true, true, 0, 0, 0, 0)]
    [InlineData(8, true, false, false, false, 0, 0, 0, 0)]
    [InlineData(4, true, true, true, true, 3, 3, 3, 3)]
    [InlineData(30, false, false, true, true, 0, 0, 5, 10)]
    public void A_generated_value_has_what_is_asked_for(
        int length, bool lower, bool upper, bool numeric, bool special, int minLower, int minUpper, int minNumeric, int minSpecial)
    {
        var value = new GenerateParameterDefault
        {
            MinLength = length,
            Lower = lower,
            Upper = upper,
            Numeric = numeric,
            Special = special,
            MinLower = minLower,
            MinUpper = minUpper,
            MinNumeric = minNumeric,
            MinSpecial = minSpecial
        }.GetDefaultValue();
        Assert.Equal(Math.Max(length, minLower + minUpper + minNumeric + minSpecial), value.Length);
        AssertKind(value.Count(char.IsAsciiLetterLower), lower, minLower);
        AssertKind(value.Count(char.IsAsciiLetterUpper), upper, minUpper);
        AssertKind(value.Count(char.IsAsciiDigit), numeric, minNumeric);
        AssertKind(value.Count(c => !char.IsAsciiLetterOrDigit(c)), special, minSpecial);

        static void AssertKind(int count, bool isAllowed, int minimum) => Assert.True(isAllowed ? count >= minimum : count == 0);
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(false, 1)]
    public void A_value_that_cannot_be_generated_is_refused(bool lower, int minLower) => Assert.Throws<InvalidOperationException>(() =>
        new GenerateParameterDefault { Lower = lower, Upper = false, Numeric = false, Special = false, MinLower = minLower }.GetDefaultValue());

    [Fact]
    public async Task States_and_values_are_published_and_secrets_are_marked()
    {
        var builder = TestModel.Run("--Parameters:plain=p", "--Parameters:secret=s");
        builder.AddParameter("plain");
        builder.AddParameter("secret", secret: true);
        builder.AddParameter("missing");
        builder.AddParameter("broken", () => throw new FormatException("no luck"));
        await using var app = builder.Build();
        await app.StartAsync(TestContext.Current.CancellationToken);
        Assert.Equal(("Running", "p", false), State("plain"));
        Assert.Equal(("Running", "s", true), State("secret"));
        Assert.Equal(("ValueMissing", null, false), State("missing"));
        Assert.Equal(("Error initializing parameter", null, false), State("broken"));
        await app.ResourceNotifications.WaitForResourceAsync("missing", KnownResourceStates.ValueMissing, TestContext.Current.CancellationToken);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("plain", TestContext.Current.CancellationToken);

        (string?, object?, bool) State(string name)
        {
            Assert.True(app.ResourceNotifications.TryGetCurrentState(name, out var e));
            var value = e.Snapshot.Properties.SingleOrDefault(p => p.Name == "Value");
            return (e.Snapshot.State?.Text, value?.Value, value?.IsSensitive ?? false);
        }
    }

    private sealed class Constant(string value) : ParameterDefault
    {
        public override string GetDefaultValue() => value;

        public override void WriteToManifest(ManifestPublishingContext context) => context.Writer.WriteString("value", value);
    }
}
