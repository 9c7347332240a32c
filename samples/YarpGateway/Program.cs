using Aspire.Hosting.Yarp;
using Aspire.Hosting.Yarp.Transforms;
using Microsoft.Extensions.Configuration;

// The same way in as AppHost's Ingress, by a plain YARP instead of Kubernetes and Istio rules.
var builder = DistributedApplication.CreateBuilder(args);

var ping = builder.AddProject<Projects.PingService>("ping")
    .WithHttpEndpoint()
    .WithReplicas(3)
    .WithHttpHealthCheck("/health");

builder.AddYarp("gateway")
    .WithHostPort(builder.ExecutionContext.IsRunMode ? builder.Configuration.GetValue("Port", 8080) : null)
    .WithExternalHttpEndpoints()
    .WithConfiguration(yarp =>
    {
        var cluster = yarp.AddCluster(ping).WithLoadBalancingPolicy("RoundRobin");
        yarp.AddRoute("/api/v1/{**path}", cluster)
            .WithMatchMethods("GET", "HEAD")
            .WithTransformPathRemovePrefix("/api/v1")
            .WithTransformResponseHeader("x-gateway", "yarp");
    })
    .WaitFor(ping);

builder.Build().Run();
