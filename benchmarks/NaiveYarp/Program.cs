using Yarp.ReverseProxy.Configuration;

// The gateway that YARP's getting-started page would give for the same task: one route, one prefix removed, round robin. What the
// benchmarks compare with. Arguments: the address to listen at, then the addresses of the replicas.
var builder = WebApplication.CreateBuilder();
builder.Logging.ClearProviders();
builder.WebHost.UseUrls(args[0]);
builder.Services.AddReverseProxy().LoadFromMemory(
    [
        new RouteConfig
        {
            RouteId = "ping",
            ClusterId = "ping",
            Match = new RouteMatch { Path = "/api/v1/{**rest}" },
            Transforms = [new Dictionary<string, string> { ["PathPattern"] = "/{**rest}" }],
        },
    ],
    [
        new ClusterConfig
        {
            ClusterId = "ping",
            LoadBalancingPolicy = "RoundRobin",
            Destinations = args[1..].ToDictionary(address => address, address => new DestinationConfig { Address = address }),
        },
    ]);

var app = builder.Build();
app.MapReverseProxy();
app.MapGet("/healthz", () => "");
app.Run();
