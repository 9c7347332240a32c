using System.Diagnostics;
using System.Globalization;
using Dashboard.Tests.Support;
using Microsoft.Playwright;

namespace Dashboard.Tests.Browser.EndToEnd;

/// <summary>The traffic page acts on the running mesh: what is moved there, requests follow.</summary>
public sealed class CanaryTests(CanarySystem system, BrowserFixture browser) : IClassFixture<CanarySystem>
{
    private const int Requests = 200;

    private const string Limit =
        """
        apiVersion: networking.istio.io/v1alpha3
        kind: EnvoyFilter
        metadata:
          name: limit
        spec:
          workloadSelector:
            labels:
              app: ping
              version: v1
          configPatches:
            - applyTo: HTTP_FILTER
              match:
                context: SIDECAR_INBOUND
                listener:
                  filterChain:
                    filter:
                      name: envoy.filters.network.http_connection_manager
              patch:
                operation: INSERT_BEFORE
                value:
                  name: envoy.filters.http.local_ratelimit
                  typed_config:
                    "@type": type.googleapis.com/udpa.type.v1.TypedStruct
                    type_url: type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit
                    value:
                      stat_prefix: http_local_rate_limiter
                      token_bucket:
                        max_tokens: 2
                        tokens_per_fill: 2
                        fill_interval: 60s
                      filter_enabled:
                        default_value:
                          numerator: 100
                          denominator: HUNDRED
                      filter_enforced:
                        default_value:
                          numerator: 100
                          denominator: HUNDRED

        """;

    [Fact]
    public async Task The_split_follows_the_slider_within_a_second_and_a_fault_is_seen_in_the_picture()
    {
        await system.App.ResourceNotifications.WaitForResourceHealthyAsync("ping-v2", TestContext.Current.CancellationToken);
        await using var window = await browser.OpenAsync(height: 1100);
        await window.GoAsync(await system.DashboardAsync());
        await window.GoToPageAsync("Traffic");
        await Assertions.Expect(window.Page.Locator("[data-node][data-live=true]")).ToHaveCountAsync(4);
        Assert.InRange(await CanariesAsync(), 1, Requests / 4); // a tenth

        await FollowAsync(window.Page.GetByLabel("Weight ping v2"));
        await SplitFollowsAsync();
        Assert.InRange(await CanariesAsync(), Requests * 3 / 10, Requests * 7 / 10); // a half

        await window.Page.Locator("[data-route=ping]").Last.GetByLabel("Inject a fault").CheckAsync();
        await Eventually.TrueAsync(
            async () =>
            {
                await BurstAsync(20);
                return (await window.Page.Locator(".topology .node-kind").AllTextContentsAsync())
                    .Any(text => text.Contains("errors", StringComparison.Ordinal));
            },
            "the error share is in the picture");
        await window.SaveAsync("canary");

        var undo = window.Page.Locator("fluent-button", new() { HasText = "Undo" });
        await undo.ClickAsync();
        await Assertions.Expect(window.Page.Locator("[data-rule=VirtualService]")).Not.ToContainTextAsync("aborted");
        await Eventually.TrueAsync(async () => await ErrorsAsync(20) == 0, "no request is aborted any more");
        Assert.Empty(window.Errors);
    }

    [Fact]
    public async Task A_rate_limit_shows_what_is_left_and_how_many_it_has_refused()
    {
        var file = Path.Combine(await system.MeshFolderAsync(), "envoyfilter-limit.yaml");
        await using var window = await browser.OpenAsync(height: 1100);
        await window.GoAsync(await system.DashboardAsync());
        await window.GoToPageAsync("Traffic");
        await File.WriteAllTextAsync(file, Limit, TestContext.Current.CancellationToken);
        try
        {
            await Eventually.TrueAsync(async () => await ErrorsAsync(10) > 0, "requests are refused");
            var rows = window.Page.Locator("[data-table=rate-limits] tbody tr");
            await Assertions.Expect(rows).ToHaveCountAsync(3); // a bucket for each replica of the version
            await Assertions.Expect(rows.First).ToContainTextAsync("default/limit");
            await Assertions.Expect(rows.First.Locator("td.number").First).ToContainTextAsync(" / 2");
            await Eventually.TrueAsync(
                async () =>
                {
                    await ErrorsAsync(5);
                    return int.Parse(await rows.First.Locator("td.number").Last.InnerTextAsync(), CultureInfo.InvariantCulture) > 0;
                },
                "the refusals are counted");
        }
        finally
        {
            File.Delete(file);
        }

        await Eventually.TrueAsync(async () => await ErrorsAsync(20) == 0, "no request is refused any more");
        await Assertions.Expect(window.Page.Locator("[data-table=rate-limits]")).ToHaveCountAsync(0);
        Assert.Empty(window.Errors);
    }

    // While no request is for the canary, the first one that reaches it was sent under the new rule.
    private async Task FollowAsync(ILocator slider)
    {
        await slider.FillAsync("0");
        await Eventually.TrueAsync(async () => await BurstAsync(100) == 0, "the canary is left alone");
        var file = Path.Combine(await system.MeshFolderAsync(), "virtualservice-ping.yaml");
        var (moved, written) = (Stopwatch.GetTimestamp(), TimeSpan.Zero);
        await slider.FillAsync("50");
        var first = TimeSpan.Zero;
        await Eventually.TrueAsync(
            async () =>
            {
                if (written == TimeSpan.Zero && (await File.ReadAllTextAsync(file)).Contains("weight: 50", StringComparison.Ordinal))
                {
                    written = Stopwatch.GetElapsedTime(moved);
                }

                first = Stopwatch.GetElapsedTime(moved);
                return await BurstAsync(1) == 1;
            },
            "the canary is asked again");
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"from the slider to the file {written.TotalMilliseconds:0} ms, to the first request under the new rule {first.TotalMilliseconds:0} ms"));
    }

    // A third of the last sixty answers: while a tenth is the rule, that does not happen.
    private async Task SplitFollowsAsync()
    {
        var last = new Queue<bool>();
        await Eventually.TrueAsync(
            async () =>
            {
                last.Enqueue(await BurstAsync(1) == 1);
                if (last.Count > 60)
                {
                    last.Dequeue();
                }

                return last.Count(isCanary => isCanary) >= 20;
            },
            "the split follows");
    }

    private Task<int> CanariesAsync() => BurstAsync(Requests);

    private async Task<int> BurstAsync(int requests)
    {
        var canaries = 0;
        for (var i = 0; i < requests; i++)
        {
            canaries += (await system.InstanceAsync(system.IstioDoor))?.StartsWith("ping-v2-", StringComparison.Ordinal) == true ? 1 : 0;
        }

        return canaries;
    }

    private async Task<int> ErrorsAsync(int requests)
    {
        var errors = 0;
        for (var i = 0; i < requests; i++)
        {
            errors += await system.InstanceAsync(system.IstioDoor) is null ? 1 : 0;
        }

        return errors;
    }
}
