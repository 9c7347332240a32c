using System.Globalization;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using PingService.Instance;
using PingService.Ping;

namespace PingService.Tests;

public sealed class PingRepliesTests
{
    // Whatever the zone of who runs the tests.
    static PingRepliesTests() => Environment.SetEnvironmentVariable("TZ", null);

    [Theory]
    [InlineData("2023-10-20T01:42:22Z", """{"message":"Fri Oct 20 01:42:22 UTC 2023\n pong at ping-a1b2c\n"}""")]
    [InlineData("2023-10-06T01:42:22.999Z", """{"message":"Fri Oct  6 01:42:22 UTC 2023\n pong at ping-a1b2c\n"}""")]
    [InlineData("2024-02-29T23:59:59Z", """{"message":"Thu Feb 29 23:59:59 UTC 2024\n pong at ping-a1b2c\n"}""")]
    [InlineData("2038-01-19T03:14:08Z", """{"message":"Tue Jan 19 03:14:08 UTC 2038\n pong at ping-a1b2c\n"}""")]
    public void The_body_is_that_of_the_seed_to_the_byte(string now, string body) =>
        Assert.Equal(body, Reply(DateTimeOffset.Parse(now, CultureInfo.InvariantCulture), "ping-a1b2c"));

    [Fact]
    public void What_JSON_escapes_is_escaped() =>
        Assert.EndsWith(""" pong at a\"b\n"}""", Reply(DateTimeOffset.UnixEpoch, "a\"b"), StringComparison.Ordinal);

    [Fact]
    public void Requests_of_one_second_share_one_body_and_allocate_nothing()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
        var replies = new PingReplies(time, new InstanceName("ping"));
        var first = replies.Current;

        // The runtime may allocate, too, when it loads or compiles something: one quiet round is proof.
        var allocated = Enumerable.Range(0, 50).Min(_ =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 1000; i++)
            {
                Assert.True(replies.Current.Equals(first));
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        });
        Assert.Equal(0, allocated);

        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Contains("00:00:01", Encoding.UTF8.GetString(replies.Current.Span), StringComparison.Ordinal);
    }

    /// <summary>The body, built here from the parts that the specification names.</summary>
    public static string Expected(DateTimeOffset now, string instance)
    {
        var date = string.Create(CultureInfo.InvariantCulture, $"{now:ddd MMM} {now.Day,2} {now:HH:mm:ss} UTC {now:yyyy}");
        return $$"""{"message":"{{date}}\n pong at {{instance}}\n"}""";
    }

    private static string Reply(DateTimeOffset now, string instance) =>
        Encoding.UTF8.GetString(new PingReplies(new FakeTimeProvider(now), new InstanceName(instance)).Current.Span);
}
