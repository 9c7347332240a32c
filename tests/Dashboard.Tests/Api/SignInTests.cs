using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Dashboard.Api;
using Dashboard.SignIn;
using Dashboard.Tests.Support;

namespace Dashboard.Tests.Api;

public sealed class SignInTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_link_signs_a_browser_in_and_a_cookie_keeps_it_so()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        using var browser = new Browser(dashboard);

        Assert.Equal(HttpStatusCode.Unauthorized, await browser.StatusAsync("/api/resources"));
        using var signedIn = await browser.GetAsync($"/login?t={TestDashboard.BrowserToken}&returnUrl=%2Ftraces");
        Assert.Equal((HttpStatusCode.Redirect, "/traces"), (signedIn.StatusCode, signedIn.Headers.Location?.OriginalString));
        var cookie = Assert.Single(signedIn.Headers.GetValues("Set-Cookie"));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(HttpStatusCode.OK, await browser.StatusAsync("/api/resources"));
    }

    [Fact]
    public async Task A_wrong_token_signs_nobody_in()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        using var browser = new Browser(dashboard);
        using var response = await browser.GetAsync("/login?t=guessed");
        Assert.False(response.Headers.Contains("Set-Cookie"));
        Assert.Equal(HttpStatusCode.Unauthorized, await browser.StatusAsync("/api/resources"));
    }

    [Fact]
    public async Task A_script_signs_in_with_the_token()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        using var script = new HttpClient { BaseAddress = dashboard.Frontend };
        script.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", TestDashboard.BrowserToken);
        using var fine = await script.GetAsync(new Uri("/api/resources", UriKind.Relative), Cancellation);
        Assert.Equal(HttpStatusCode.OK, fine.StatusCode);

        script.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "guessed");
        using var refused = await script.GetAsync(new Uri("/api/resources", UriKind.Relative), Cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    [Fact]
    public async Task A_page_that_needs_signing_in_asks_for_it_and_comes_back()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        using var browser = new Browser(dashboard);
        using var response = await browser.GetAsync("/traces?errors=true");
        Assert.Equal("/login?returnUrl=%2Ftraces%3Ferrors%3Dtrue", response.Headers.Location?.OriginalString);
    }

    [Theory]
    [InlineData("/traces", "/traces")]
    [InlineData("https://evil.example", "/")]
    [InlineData("//evil.example", "/")]
    [InlineData("/\\evil.example", "/")]
    [InlineData(null, "/")]
    public void After_signing_in_one_stays_on_this_site(string? given, string expected) => Assert.Equal(expected, LoginEndpoint.ReturnUrl(given));

    [Theory]
    [InlineData("Origin", "https://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("Origin", "http://127.0.0.1:1", HttpStatusCode.Forbidden)]
    [InlineData("Sec-Fetch-Site", "cross-site", HttpStatusCode.Forbidden)]
    [InlineData("Sec-Fetch-Site", "same-origin", HttpStatusCode.OK)]
    [InlineData("Host", "rebound.example", HttpStatusCode.MisdirectedRequest)]
    [InlineData("Host", "localhost", HttpStatusCode.OK)]
    public async Task Other_sites_are_kept_out(string header, string value, HttpStatusCode expected)
    {
        await using var dashboard = await TestDashboard.StartAsync();
        using var browser = new Browser(dashboard);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/health");
        request.Headers.TryAddWithoutValidation(header, value);
        using var response = await browser.SendAsync(request);
        Assert.Equal(expected, response.StatusCode);
        Assert.False(response.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Answers_carry_a_policy_that_lets_no_foreign_script_run()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        using var browser = new Browser(dashboard);
        using var response = await browser.GetAsync("/health");
        var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
    }

    [Fact]
    public async Task A_command_from_a_browser_needs_the_antiforgery_token()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        using var browser = new Browser(dashboard);
        await browser.SignInAsync();

        using var without = await browser.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/api/resources/ping/commands/stop"));
        Assert.Equal(HttpStatusCode.BadRequest, without.StatusCode);

        using var answer = await browser.GetAsync("/api/antiforgery");
        var token = (await answer.Content.ReadFromJsonAsync<AntiforgeryJson>(Cancellation))!;
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/resources/ping/commands/stop");
        request.Headers.Add(token.Header, token.Token);
        using var with = await browser.SendAsync(request);
        Assert.Equal(HttpStatusCode.NotFound, with.StatusCode); // it got in: there is no such resource
    }

    private sealed class Browser(TestDashboard dashboard) : IDisposable
    {
        private readonly HttpClient _client = new(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = dashboard.Frontend };

        public Task<HttpResponseMessage> GetAsync(string path) => _client.GetAsync(new Uri(path, UriKind.Relative), Cancellation);

        public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request) => _client.SendAsync(request, Cancellation);

        public async Task<HttpStatusCode> StatusAsync(string path)
        {
            using var response = await GetAsync(path);
            return response.StatusCode;
        }

        public async Task SignInAsync()
        {
            using var response = await GetAsync($"/login?t={TestDashboard.BrowserToken}");
        }

        public void Dispose() => _client.Dispose();
    }
}
