using Dashboard.EngineLink;
using Dashboard.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;

namespace Dashboard.Tests.Browser;

/// <summary>The operations of a service can be called with what they take.</summary>
public sealed class ApiDocsTests(BrowserFixture browser)
{
    private const string Description =
        """
        {"openapi":"3.1.1","info":{"title":"Shop","version":"v1"},"paths":{"/orders/{id}":{"put":{"summary":"Changes an order","parameters":[
        {"name":"id","in":"path","required":true},{"name":"notify","in":"query"},{"name":"X-Reason","in":"header"}],
        "requestBody":{"content":{"application/json":{}}},"responses":{"200":{"description":"It is changed"}}}}}}
        """;

    [Fact]
    public async Task An_operation_is_called_with_its_parameters_and_a_body()
    {
        await using var shop = await StartShopAsync();
        await using var window = await browser.OpenAsync();
        await using var dashboard = await DashboardProcess.StartAsync();
        await using var engine = await TestEngine.ConnectAsync(dashboard.LoginUrl);
        await engine.TellAsync(TestEngine.Replica("shop", "aaaaa") with { Addresses = [new UrlInfo("http", shop.Urls.First(), null)] });
        await window.GoAsync(dashboard.LoginUrl);
        await window.GoToPageAsync("API docs");

        var api = window.Page.Locator("[data-api=shop]");
        await api.Locator("summary", new() { HasText = "/orders/{id}" }).ClickAsync();
        var answer = api.Locator("pre");
        await api.GetByRole(AriaRole.Button, new() { Name = "To a replica" }).ClickAsync();
        await Assertions.Expect(answer).ToHaveTextAsync("Required and not given: id");

        await api.GetByLabel("id path").FillAsync("a/b");
        await api.GetByLabel("notify query").FillAsync("yes & no");
        await api.GetByLabel("X-Reason header").FillAsync("late");
        await api.GetByLabel("Body").FillAsync("""{"count":2}""");
        await api.GetByRole(AriaRole.Button, new() { Name = "To a replica" }).ClickAsync();
        await Assertions.Expect(answer).ToContainTextAsync("/orders/a%2Fb?notify=yes%20%26%20no\n200 OK");
        await Assertions.Expect(answer).ToContainTextAsync("""yes & no late application/json {"count":2}""");

        await api.GetByRole(AriaRole.Button, new() { Name = "Through the gateway" }).ClickAsync();
        await Assertions.Expect(answer).ToContainTextAsync("there is no gateway");
        Assert.Equal("", await window.ViolationsAsync());
        Assert.Empty(window.Errors);
    }

    private static async Task<WebApplication> StartShopAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var shop = builder.Build();
        shop.MapGet("/openapi/v1.json", () => Results.Text(Description, "application/json"));
        shop.MapPut("/orders/{id}", async (HttpRequest request, string notify) =>
        {
            using var reader = new StreamReader(request.Body);
            return $"{notify} {request.Headers["X-Reason"]} {request.ContentType} {await reader.ReadToEndAsync()}";
        });
        await shop.StartAsync(TestContext.Current.CancellationToken);
        return shop;
    }
}
