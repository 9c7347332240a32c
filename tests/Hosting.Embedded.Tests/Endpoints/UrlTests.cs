using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hosting.Embedded.Tests.Endpoints;

public class UrlTests
{
    private static readonly Dictionary<string, Action<IResourceBuilder<CustomResource>>> Declarations = new()
    {
        ["nothing"] = _ => { },
        ["a URL"] = r => r.WithUrl("https://example.com", "Docs"),
        ["a path"] = r => r.WithUrl("/docs", "Docs"),
        ["an expression"] = r => r.WithUrl($"{r.GetEndpoint("http")}/x", "X"),
        ["a change"] = r => r.WithUrlForEndpoint("http", u => u.DisplayText = "Home"),
        ["one more for the endpoint"] = r => r.WithUrlForEndpoint("http", _ => new ResourceUrlAnnotation { Url = "/api", DisplayText = "API" }),
        ["a change of no endpoint"] = r => r.WithUrlForEndpoint("grpc", u => u.Url = "never"),
        ["a removal"] = r => r.WithUrls(c => c.Urls.Clear())
    };

    [Theory]
    [InlineData("nothing", "http http://localhost:5000")]
    [InlineData("a URL", "http http://localhost:5000", " https://example.com [Docs]")]
    [InlineData("a path", "http http://localhost:5000/docs [Docs]")]
    [InlineData("an expression", "http http://localhost:5000", "http http://localhost:5000/x [X]")]
    [InlineData("a change", "http http://localhost:5000 [Home]")]
    [InlineData("one more for the endpoint", "http http://localhost:5000", "http http://localhost:5000/api [API]")]
    [InlineData("a change of no endpoint", "http http://localhost:5000")]
    [InlineData("a removal")]
    public async Task Urls_are_those_of_the_endpoints_and_what_was_declared(string declaration, params string[] expected)
    {
        var builder = TestModel.Run();
        var ping = builder.AddResource(new CustomResource("ping")).WithHttpEndpoint();
        Declarations[declaration](ping);
        ping.Allocate("http", 5000);
        var urls = await ResourceUrls.ComputeAsync(ping.Resource, builder.ExecutionContext, NullLogger.Instance, TestContext.Current.CancellationToken);
        Assert.Equal(expected, urls.Select(u => $"{u.Name} {u.Url}{(u.DisplayProperties.DisplayName is "" ? "" : $" [{u.DisplayProperties.DisplayName}]")}"));
    }
}
