using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace Hosting.Embedded.Tests.Expressions;

public class ReferenceExpressionTests
{
    private readonly IDistributedApplicationBuilder _builder = TestModel.Run("--Parameters:user=a b", "--Parameters:password=p{}ä");

    [Fact]
    public async Task Text_and_values_are_put_together()
    {
        var user = _builder.AddParameter("user");
        var password = _builder.AddParameter("password", secret: true);
        var ping = _builder.AddResource(new CustomResource("ping")).WithHttpEndpoint();
        ping.Allocate("http", 5000);
        var literal = "{literal}";
        var expression = ReferenceExpression.Create($"{ping.GetEndpoint("http")}/{user:uri}:{password}{{{literal}}}");
        Assert.Equal("{ping.bindings.http.url}/{user.value}:{password.value}{{literal}}", expression.ValueExpression);
        Assert.Equal("http://localhost:5000/a%20b:p{}ä{{literal}}", await expression.GetValueAsync(TestContext.Current.CancellationToken));
        Assert.Equal([ping.GetEndpoint("http").GetType(), typeof(ParameterResource), typeof(ParameterResource)], expression.ValueProviders
            .Select(v => v.GetType()));
        Assert.Equal([null, "uri", null], expression.StringFormats);
    }

    [Fact]
    public async Task An_expression_may_be_part_of_another()
    {
        var inner = ReferenceExpression.Create($"{_builder.AddParameter("user")}!");
        var outer = ReferenceExpression.Create($"<{inner}>");
        Assert.Equal("<{user.value}!>", outer.ValueExpression);
        Assert.Equal("<a b!>", await outer.GetValueAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_empty_expression_has_no_value()
    {
        Assert.Equal("", ReferenceExpression.Empty.ValueExpression);
        Assert.Null(await ReferenceExpression.Empty.GetValueAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_builder_puts_an_expression_together_piece_by_piece()
    {
        var builder = new ReferenceExpressionBuilder();
        Assert.True(builder.IsEmpty);
        builder.AppendLiteral("Server=");
        builder.Append($"{_builder.AddParameter("user"):uri};");
        builder.AppendValueProvider(_builder.AddParameter("password"));
        var expression = builder.Build();
        Assert.Equal("Server={user.value};{password.value}", expression.ValueExpression);
        Assert.Equal("Server=a%20b;p{}ä", await expression.GetValueAsync(TestContext.Current.CancellationToken));
        Assert.Equal(
            "A CustomResource cannot be part of an expression: it must implement IValueProvider and IManifestExpressionProvider. " +
                "(Parameter 'valueProvider')",
            Assert.Throws<ArgumentException>(() => builder.AppendValueProvider(new CustomResource("x"))).Message);
    }

    [Fact]
    public void An_unknown_format_is_refused() => Assert.Equal(
        "The format 'html' is not supported in an expression; use 'uri' or none.",
        Assert.Throws<FormatException>(() => ReferenceExpression.Create($"{"text":html}")).Message);
}
