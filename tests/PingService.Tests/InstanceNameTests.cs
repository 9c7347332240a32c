using System.Net;
using PingService.Instance;

namespace PingService.Tests;

public sealed class InstanceNameTests
{
    private const string Host = "(host name)";

    [Theory]
    [InlineData("ping", "service.instance.id=a1b2c", false, "ping-a1b2c")]
    [InlineData("ping", "service.version=1,service.instance.id=a1b2c,other=2", false, "ping-a1b2c")]
    [InlineData("ping", "service.version=1, service.instance.id=a1b2c", false, "ping-a1b2c")]
    [InlineData("ping", "service.instance.id=a%2Cb%20c", false, "ping-a,b c")]
    [InlineData("ping", "service.instance.id=a1b2c", true, Host)]
    [InlineData("ping", "service.instance.id=", false, Host)]
    [InlineData("ping", "other=service.instance.id", false, Host)]
    [InlineData("ping", null, false, Host)]
    [InlineData(null, "service.instance.id=a1b2c", false, Host)]
    [InlineData("", "service.instance.id=a1b2c", false, Host)]
    [InlineData(null, null, true, Host)]
    public void It_is_the_replica_name_locally_and_the_host_name_in_a_pod(string? service, string? attributes, bool pod, string expected)
    {
        var name = InstanceName.FromEnvironment(variable => variable switch
        {
            "OTEL_SERVICE_NAME" => service,
            "OTEL_RESOURCE_ATTRIBUTES" => attributes,
            "KUBERNETES_SERVICE_HOST" => pod ? "10.43.0.1" : null,
            _ => null,
        });

        Assert.Equal(expected == Host ? Dns.GetHostName() : expected, name.Value);
    }
}
