namespace Hosting.Istio.Tests;

/// <summary>What a gateway is started with, and what the services are told.</summary>
public class DoorTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_gateway_is_told_the_folder_its_doors_and_the_services_it_stands_in_front_of_and_is_none_itself()
    {
        var builder = Model.Create();
        var mesh = builder.AddIstio("mesh");
        builder.AddService("ping");
        builder.AddService("ping-v2").AsVersionOf(builder.CreateResourceBuilder(builder.Resources.OfType<Service>().First()), "v2");
        var gateway = builder.AddService("gateway").WithMesh(mesh, istioPort: 8081);
        await using var app = builder.Build();
        await app.StartAsync(Cancellation);
        Allocate(gateway.Resource);

        var result = await ExecutionConfigurationBuilder.Create(gateway.Resource).WithArgumentsConfig()
            .BuildAsync(builder.ExecutionContext, cancellationToken: Cancellation);

        Assert.Equal(
            [
                "--mesh", app.Folder(),
                "--istio-door", "http://localhost:9001",
                "--admin", "http://127.0.0.1:9002",
                "--service", "ping:8080=http://127.0.0.1:9003",
            ],
            result.Arguments.Select(argument => argument.Value));
        Assert.Equal(8081, Endpoint(gateway.Resource, "istio").Port);
        Assert.Equal(["service-ping.yaml"], app.Files());
    }

    [Fact]
    public async Task A_service_that_refers_to_another_is_told_the_gateway_s_port_for_it()
    {
        var builder = Model.Create();
        var mesh = builder.AddIstio("mesh");
        var ping = builder.AddService("ping");
        var gateway = builder.AddService("gateway").WithMesh(mesh).WithReference(ping);
        var web = builder.AddService("web").WithReference(ping).WithEnvironment("PING", ping.GetEndpoint("http"));
        await using var app = builder.Build();
        await app.StartAsync(Cancellation);
        Allocate(gateway.Resource);
        Endpoint(ping.Resource, "http").AllocatedEndpoint = new AllocatedEndpoint(Endpoint(ping.Resource, "http"), "localhost", 4001);

        var told = await EnvironmentAsync(web.Resource);
        var own = await EnvironmentAsync(gateway.Resource);

        Assert.Equal("http://127.0.0.1:9003", told["services__ping__http__0"]);
        Assert.Equal("http://127.0.0.1:9003", told["PING_HTTP"]);
        Assert.Equal("http://127.0.0.1:9003", told["PING"]);
        Assert.Equal("http://localhost:4001", own["services__ping__http__0"]);

        async Task<IReadOnlyDictionary<string, string>> EnvironmentAsync(IResource resource) =>
            (await ExecutionConfigurationBuilder.Create(resource).WithEnvironmentVariablesConfig()
                .BuildAsync(builder.ExecutionContext, cancellationToken: Cancellation)).EnvironmentVariables.ToDictionary();
    }

    [Fact]
    public async Task Published_the_Istio_door_is_a_port_of_the_gateway_beside_its_own()
    {
        var builder = Model.Create("--operation", "publish", "--step", "publish");

        var gateway = builder.AddService("gateway").WithMesh(builder.AddIstio("mesh"), istioPort: 8081);

        Assert.Equal(["http", "istio"], gateway.Resource.Annotations.OfType<EndpointAnnotation>().Select(endpoint => endpoint.Name));
        Assert.Equal((8081, null, true), (Endpoint(gateway.Resource, "istio").TargetPort, Endpoint(gateway.Resource, "istio").Port, Endpoint(gateway.Resource, "istio").IsExternal));
        var result = await ExecutionConfigurationBuilder.Create(gateway.Resource).WithArgumentsConfig()
            .BuildAsync(builder.ExecutionContext, cancellationToken: Cancellation);
        Assert.Equal(["--mesh", "/mesh", "--istio-door", "http://*:8081"], result.Arguments.Select(argument => argument.Value));
    }

    private static void Allocate(Service gateway)
    {
        var port = 9000;
        foreach (var endpoint in gateway.Annotations.OfType<EndpointAnnotation>())
        {
            endpoint.AllocatedEndpoint = new AllocatedEndpoint(endpoint, endpoint.TargetHost, port, EndpointBindingMode.SingleAddress, $"{port++}");
        }
    }

    private static EndpointAnnotation Endpoint(Service service, string name) =>
        service.Annotations.OfType<EndpointAnnotation>().Single(endpoint => endpoint.Name == name);
}
