using AppHost;
using Hosting.Istio;
using Microsoft.Extensions.Configuration;

// The whole system, read top-down: what runs, how many of it, and which rules its traffic obeys.
var builder = DistributedApplication.CreateBuilder(DeploymentCommand.Translate(args));

var mesh = builder.AddIstio("mesh");

// The ping service at three replicas, also reachable without a gateway on the NodePort.
var ping = builder.AddProject<Projects.PingService>("ping")
    .WithHttpEndpoint()
    .WithReplicas(3)
    .WithHttpProbe(ProbeType.Readiness, "/health")
    .WithHttpProbe(ProbeType.Liveness, "/alive")
    .WithNodePort(builder.Configuration.GetValue("NodePort", 31001));

// The gateway enforces the mesh's rules. A manifest carries no port of this machine.
builder.AddProject<Projects.Gateway>("gateway")
    .WithHttpEndpoint(port: builder.ExecutionContext.IsRunMode ? builder.Configuration.GetValue("Port", 8080) : null)
    .WithExternalHttpEndpoints()
    .WithHttpProbe(ProbeType.Readiness, "/healthz")
    .WithMesh(mesh, istioPort: builder.Configuration.GetValue("IstioPort", 8081))
    .WaitFor(ping);

// The way in through ingress-nginx.
mesh.WithIngress("gateway", ingress => ingress
    .RewriteTarget("/$2")
    .Path("/api/v1(/|$)(.*)", ping));

// The same way in through Istio, and what a scenario makes of it: --Scenario=canary or --Scenario=chaos.
mesh.WithResources(PingTraffic.Gateway);
mesh.WithScenario(builder.Configuration["Scenario"], ping);

builder.Build().Run();
