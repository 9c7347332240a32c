using System.Net;
using Gateway.Clusters.Balancing;
using Gateway.Requests;
using Gateway.Tests.Support;
using Microsoft.AspNetCore.Http;
using static Gateway.Tests.Clusters.ConsistentHashTests;

namespace Gateway.Tests.Clusters;

/// <summary>What of a request is hashed.</summary>
public sealed class RequestHashTests
{
    private static readonly IPEndPoint Local = new(IPAddress.Parse("127.0.0.1"), 8081);

    private static RequestHead Request(string query = "", params (string Name, string[] Values)[] headers)
    {
        var request = new RequestHead { Query = query, Authority = "example.com", SourceAddress = IPAddress.Parse("10.1.2.3") };
        foreach (var (name, values) in headers)
        {
            request.Headers[name] = values;
        }

        return request;
    }

    private static ulong? Compute(HashPolicy policy, RequestHead request) => policy.Compute(request, Local, 50000, out _);

    [Fact]
    public void A_header_is_hashed_whatever_the_order_of_its_values()
    {
        var policy = new HeaderHash("x-user");
        Assert.Null(Compute(policy, Request()));
        Assert.Equal(PlainXxHash64("alice"), Compute(policy, Request("", ("X-User", ["alice"]))));
        var both = Compute(policy, Request("", ("x-user", ["bob", "alice"])));
        Assert.Equal(PlainXxHash64("bob", PlainXxHash64("alice")), both);
        Assert.Equal(both, Compute(policy, Request("", ("x-user", ["alice", "bob"]))));
        Assert.Equal(PlainXxHash64(""), Compute(policy, Request("", ("x-user", [""]))));
    }

    [Fact]
    public void The_authority_is_a_header_too() =>
        Assert.Equal(PlainXxHash64("example.com"), Compute(new HeaderHash(":authority"), Request()));

    [Theory]
    [InlineData("", null)]
    [InlineData("?b=1", null)]
    [InlineData("?a=1", "1")]
    [InlineData("?b=0&a=1&a=2", "1")]
    [InlineData("?a", "")]
    [InlineData("?a=", "")]
    [InlineData("?a=%31", "%31")]
    [InlineData("?a=1=2", "1=2")]
    [InlineData("?A=1", null)]
    [InlineData("??a=1", null)]
    public void The_first_value_of_a_query_parameter_is_hashed_as_it_is_written(string query, string? hashed) =>
        Assert.Equal(hashed is null ? null : PlainXxHash64(hashed), Compute(new QueryParameterHash("a"), Request(query)));

    [Fact]
    public void The_source_address_is_hashed_without_its_port_and_as_forwarded()
    {
        var request = Request();
        Assert.Equal(PlainXxHash64("10.1.2.3"), Compute(new SourceAddressHash(), request));
        request.SourceAddress = IPAddress.Parse("::ffff:10.1.2.3");
        Assert.Equal(PlainXxHash64("10.1.2.3"), Compute(new SourceAddressHash(), request));
        request.RemoteAddress = IPAddress.Parse("2001:db8::1");
        Assert.Equal(PlainXxHash64("2001:db8::1"), Compute(new SourceAddressHash(), request));
        (request.RemoteAddress, request.SourceAddress) = (null, null);
        Assert.Null(Compute(new SourceAddressHash(), request));
    }

    [Theory]
    [InlineData("user=alice", "alice")]
    [InlineData("a=1; user=alice; b=2", "alice")]
    [InlineData("user=\"alice\"", "alice")]
    [InlineData("user=a=b", "a=b")]
    [InlineData("user=first; user=second", "first")]
    [InlineData("xuser=1", null)]
    [InlineData("user", null)]
    [InlineData("user=", null)]
    public void A_cookie_is_hashed_by_its_value(string cookies, string? hashed)
    {
        var policy = new CookieHash("user", null, "", []);
        Assert.Equal(hashed is null ? null : PlainXxHash64(hashed),
            policy.Compute(Request("", ("Cookie", [cookies])), Local, 50000, out var setCookie));
        Assert.Null(setCookie);
    }

    [Theory]
    [InlineData(0, "", "")]
    [InlineData(3600, "/ping", "; Max-Age=3600; Path=/ping")]
    [InlineData(0.5, "/", "; Path=/")]
    public void A_cookie_with_a_lifetime_is_generated_once_per_connection(double seconds, string path, string attributes)
    {
        var policy = new CookieHash("user", TimeSpan.FromSeconds(seconds), path, [new("SameSite", "Strict"), new("Secure", "")]);
        var hash = policy.Compute(Request(), Local, 50000, out var setCookie);
        var value = PlainXxHash64("10.1.2.3:50000127.0.0.1:8081").ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal($"user=\"{value}\"{attributes}; SameSite=Strict; Secure; HttpOnly", setCookie);
        Assert.Equal(PlainXxHash64(value), hash);

        // The same for the next request of the connection, and what the client then sends gives the same hash.
        Assert.Equal(hash, policy.Compute(Request(), Local, 50000, out _));
        Assert.Equal(hash, policy.Compute(Request("", ("Cookie", [$"user={value}"])), Local, 50001, out var again));
        Assert.Null(again);
        Assert.NotEqual(hash, policy.Compute(Request(), Local, 50001, out _));
    }

    [Fact]
    public void Hashing_a_request_allocates_nothing()
    {
        var request = Request("?a=1&user=alice", ("x-user", ["alice"]), ("Cookie", ["a=1; user=alice"]));
        HashPolicy[] policies = [new HeaderHash("x-user"), new QueryParameterHash("user"), new SourceAddressHash(),
            new CookieHash("user", null, "", [])];
        Assert.All(policies, policy =>
        {
            Assert.NotNull(Compute(policy, request));
            Assert.Equal(0, Allocations.Of(() => Compute(policy, request)));
        });
    }
}
