using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;

namespace ServiceDefaults.Tests;

public sealed class HttpClientDefaultsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_service_is_found_by_its_name()
    {
        await using var pong = await TestService.StartAsync(map: app => app.MapGet("/", () => "pong"));
        using var caller = TestService.Build(settings: ("services:pong:http:0", pong.Address.ToString()));

        using var client = caller.Services.GetRequiredService<IHttpClientFactory>().CreateClient();

        Assert.Equal("pong", await client.GetStringAsync(new Uri("http://pong/"), Cancel));
    }

    [Theory]
    [InlineData("GET", 3, HttpStatusCode.OK)]
    [InlineData("DELETE", 1, HttpStatusCode.ServiceUnavailable)]
    [InlineData("POST", 1, HttpStatusCode.ServiceUnavailable)]
    public async Task Only_requests_that_are_safe_to_repeat_are_retried(string method, int attempts, HttpStatusCode status)
    {
        var received = 0;
        await using var flaky = await TestService.StartAsync(map: app => app.Map("/", () =>
            Interlocked.Increment(ref received) < 3 ? Results.StatusCode(StatusCodes.Status503ServiceUnavailable) : Results.Ok()));
        using var caller = TestService.Build(builder =>
            builder.Services.ConfigureAll<HttpStandardResilienceOptions>(options => options.Retry.Delay = TimeSpan.Zero));
        using var client = caller.Services.GetRequiredService<IHttpClientFactory>().CreateClient();

        using var response = await client.SendAsync(new HttpRequestMessage(new HttpMethod(method), flaky.Address), Cancel);

        Assert.Equal(status, response.StatusCode);
        Assert.Equal(attempts, received);
    }
}
