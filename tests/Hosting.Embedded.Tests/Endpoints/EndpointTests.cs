using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace Hosting.Embedded.Tests.Endpoints;

public class EndpointTests
{
    [Fact]
    public void Declaring_an_endpoint_again_changes_what_is_given()
    {
        var ping = TestModel.Run().AddResource(new CustomResource("ping")).WithHttpEndpoint(port: 1000, targetPort: 2000).WithHttpEndpoint(port: 1001, isProxied: false);
        var endpoint = Assert.Single(ping.Resource.Annotations.OfType<EndpointAnnotation>());
        Assert.Equal((1001, 2000, false, false), (endpoint.Port, endpoint.TargetPort, endpoint.IsProxied, endpoint.IsExternal));
    }

    [Theory]
    [InlineData(true, 1000, null, 1000, null)]
    [InlineData(false, 1000, null, 1000, 1000)]
    [InlineData(false, null, 2000, 2000, 2000)]
    [InlineData(false, 1000, 2000, 1000, 2000)]
    public void Without_a_proxy_one_port_is_both(bool isProxied, int? port, int? targetPort, int? expectedPort, int? expectedTargetPort)
    {
        var endpoint =
            new EndpointAnnotation(System.Net.Sockets.ProtocolType.Tcp, port: port, targetPort: targetPort, isProxied: isProxied);
        Assert.Equal((expectedPort, expectedTargetPort), (endpoint.Port, endpoint.TargetPort));
    }

    [Theory]
    [InlineData("http", "http", false)]
    [InlineData("https", "http", true)]
    [InlineData("tcp", "tcp", false)]
    [InlineData(null, "tcp", false)]
    public void Name_transport_and_TLS_follow_from_the_scheme(string? scheme, string transport, bool tls)
    {
        var endpoint = new EndpointAnnotation(System.Net.Sockets.ProtocolType.Tcp, scheme);
        Assert.Equal((scheme ?? "tcp", scheme ?? "tcp", transport, tls), (endpoint.Name, endpoint.UriScheme, endpoint.Transport, endpoint.TlsEnabled));
    }

    [Fact]
    public void A_callback_changes_or_declares_an_endpoint()
    {
        var ping = TestModel.Run().AddResource(new CustomResource("ping"))
            .WithEndpoint("nothing", _ => Assert.Fail("There is no such endpoint."), createIfNotExists: false)
            .WithEndpoint("admin", e => e.UriScheme = "http")
            .WithEndpoint("ADMIN", e => e.Port = 99);
        Assert.Equal(("admin", "http", 99), ping.Resource.Annotations.OfType<EndpointAnnotation>()
            .Select(e => (e.Name, e.UriScheme, e.Port)).Single());
    }

    [Fact]
    public void External_means_the_HTTP_endpoints()
    {
        var ping = TestModel.Run().AddResource(new CustomResource("ping")).WithHttpEndpoint().WithHttpsEndpoint().WithEndpoint(name: "db").WithExternalHttpEndpoints();
        Assert.Equal([true, true, false], ping.Resource.Annotations.OfType<EndpointAnnotation>().Select(e => e.IsExternal));
    }

    [Fact]
    public void A_reference_may_be_taken_before_the_endpoint_is_declared_or_has_an_address()
    {
        var ping = TestModel.Run().AddResource(new CustomResource("ping"));
        var http = ping.GetEndpoint("http");
        Assert.Equal((false, false), (http.Exists, http.IsAllocated));
        Assert.Equal(
            "The endpoint `http` is not defined for the resource `ping`. The resource has no endpoints defined.",
            Assert.Throws<InvalidOperationException>(() => http.Url).Message);

        ping.WithHttpsEndpoint();
        Assert.Equal(
            "The endpoint `http` is not defined for the resource `ping`. Available endpoints: `https`.",
            Assert.Throws<InvalidOperationException>(() => http.Scheme).Message);

        ping.WithHttpEndpoint();
        Assert.Equal((true, false, true, false), (http.Exists, http.IsAllocated, http.IsHttp, http.IsHttps));
        foreach (var read in (Func<object>[])[() => http.Url, () => http.Host, () => http.Port])
        {
            Assert.Equal("The endpoint `http` is not allocated for the resource " +
                "`ping`.", Assert.Throws<InvalidOperationException>(read).Message);
        }

        ping.Allocate("http", 5000);
        Assert.Equal((true, "http://localhost:5000", "localhost", 5000), (http.IsAllocated, http.Url, http.Host, http.Port));
    }

    [Theory]
    [InlineData(EndpointProperty.Url, "{ping.bindings.http.url}", "http://localhost:5000")]
    [InlineData(EndpointProperty.Host, "{ping.bindings.http.host}", "localhost")]
    [InlineData(EndpointProperty.IPV4Host, "{ping.bindings.http.host}", "127.0.0.1")]
    [InlineData(EndpointProperty.Port, "{ping.bindings.http.port}", "5000")]
    [InlineData(EndpointProperty.Scheme, "{ping.bindings.http.scheme}", "http")]
    [InlineData(EndpointProperty.TargetPort, "{ping.bindings.http.targetPort}", "5000")]
    [InlineData(EndpointProperty.HostAndPort, "{ping.bindings.http.host}:{ping.bindings.http.port}", "localhost:5000")]
    [InlineData(EndpointProperty.TlsEnabled, "{ping.bindings.http.tlsEnabled}", "False")]
    public async Task A_property_has_a_manifest_expression_and_a_value(EndpointProperty property, string expression, string value)
    {
        var ping = TestModel.Run().AddResource(new CustomResource("ping")).WithHttpEndpoint();
        var reference = ping.GetEndpoint("http").Property(property);
        Assert.Equal(expression, reference.ValueExpression);

        var pending = reference.GetValueAsync(TestContext.Current.CancellationToken);
        ping.Allocate("http", 5000);
        Assert.Equal(value, await pending);
    }

    [Fact]
    public async Task A_value_that_is_waited_for_fails_when_the_endpoint_is_given_up()
    {
        var ping = TestModel.Run().AddResource(new CustomResource("ping")).WithHttpEndpoint();
        var pending = ping.GetEndpoint("http").GetValueAsync(TestContext.Current.CancellationToken).AsTask();
        ping.GetEndpoint("http").EndpointAnnotation.AllocatedEndpoint = null;
        await Assert.ThrowsAsync<InvalidOperationException>(() => pending);
    }

    [Fact]
    public async Task A_value_is_waited_for_until_cancelled()
    {
        var ping = TestModel.Run().AddResource(new CustomResource("ping")).WithHttpEndpoint();
        using var cancellation = new CancellationTokenSource();
        var pending = ping.GetEndpoint("http").GetValueAsync(cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pending);
    }

    [Fact]
    public async Task The_port_to_listen_on_is_that_of_the_replica()
    {
        var ping =
            TestModel.Run().AddResource(new CustomResource("ping")).WithHttpEndpoint(env: "PORT").WithAnnotation(new ReplicaAnnotation(2));
        ping.Allocate("http", 5000, 5001, 5002);
        Assert.Equal("5001", (await ping.EnvironmentAsync(replica: 0))["PORT"]);
        Assert.Equal("5002", (await ping.EnvironmentAsync(replica: 1))["PORT"]);

        var result = await ping.EvaluateAsync();
        Assert.Equal(
            "The environment variable 'PORT' of resource 'ping' has no value: The target port of endpoint `http` differs between the " +
                "replicas of `ping`; use its Port instead.",
            result.Exception!.Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(65536)]
    public void An_address_needs_a_port(int port) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new AllocatedEndpoint(new EndpointAnnotation(System.Net.Sockets.ProtocolType.Tcp), "localhost", port));
}
