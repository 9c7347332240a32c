using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration.Processes;
using Aspire.Hosting.Orchestration.Replicas;
using Aspire.Hosting.Orchestration.Resources;
using Aspire.Hosting.Orchestration.Terminal;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Hosting.Embedded.Tests.Orchestration.Terminal;

public sealed class RunViewTests : IDisposable
{
    private readonly ExecutableResource _ping = new("ping", "ping", "/");
    private readonly ParameterResource _parameter = new("parameter", _ => "");
    private readonly RunView _view;
    private readonly StringWriter _out = new() { NewLine = "\n" };
    private readonly PlainOutput _lines;

    public RunViewTests()
    {
        var endpoint = new EndpointAnnotation(System.Net.Sockets.ProtocolType.Tcp, "http", name: "http");
        _ping.Annotations.Add(endpoint);
        _ping.Annotations.Add(new ReplicaNamesAnnotation(["ping-x7k2p", "ping-b4m9z"]));
        _ping.Annotations.Add(new ReplicaAddressesAnnotation(new Dictionary<string, IReadOnlyList<AllocatedEndpoint>>
        {
            ["http"] = [new AllocatedEndpoint(endpoint, "localhost", 40123), new AllocatedEndpoint(endpoint, "localhost", 40124)],
        }));
        _view = new RunView(new DistributedApplicationModel([_ping, _parameter]));
        _lines = new PlainOutput(_out);
    }

    public void Dispose() => _out.Dispose();

    [Fact]
    public void A_line_per_change_then_the_addresses()
    {
        Publish("ping-x7k2p", new ReplicaStatus(ReplicaState.Starting));
        Publish("ping-x7k2p", new ReplicaStatus(ReplicaState.Running, ProcessId: 1), health: null);
        Publish("ping-x7k2p", new ReplicaStatus(ReplicaState.Running, ProcessId: 1), HealthStatus.Unhealthy, "Nothing listens.");
        Assert.False(_view.IsSettled);
        Publish("ping-x7k2p", new ReplicaStatus(ReplicaState.Running, ProcessId: 1), HealthStatus.Healthy);
        Publish("ping-b4m9z", new ReplicaStatus(ReplicaState.FailedToStart, Reason: "No such program."));
        Assert.True(_view.IsSettled);
        _lines.WriteUrls(_view.Urls);
        Publish("ping-x7k2p", new ReplicaStatus(ReplicaState.Running, ProcessId: 1), HealthStatus.Unhealthy, "GET /health answered 503.");
        Publish("ping-x7k2p", new ReplicaStatus(ReplicaState.CrashLoopBackOff, ExitCode: 3, Reason: "The process ended with exit code 3.")
        {
            LastLines = [new OutputLine("configuration missing", true), new OutputLine("good bye", false)],
        });

        Assert.Equal(
            """
            ping-x7k2p  Starting
            ping-x7k2p  Running   http://localhost:40123
            ping-b4m9z  FailedToStart  No such program.

            ping  http://localhost:31001  NodePort

            ping-x7k2p  Unhealthy      GET /health answered 503.
            ping-x7k2p  CrashLoopBackOff  The process ended with exit code 3.
              | configuration missing
              | good bye

            """.ReplaceLineEndings("\n"),
            _out.ToString());
    }

    [Fact]
    public void Other_resources_are_shown_only_when_something_is_wrong_with_them()
    {
        Assert.Null(_view.Apply(Event(_parameter, "parameter", Snapshot(KnownResourceStates.Running))));
        Assert.Equal("ValueMissing", _view.Apply(Event(_parameter, "parameter", Snapshot(KnownResourceStates.ValueMissing)))?.State);
    }

    private static CustomResourceSnapshot Snapshot(string state) => new() { ResourceType = "Any", Properties = [], State = state };

    private static ResourceEvent Event(IResource resource, string id, CustomResourceSnapshot snapshot) => new(resource, id, snapshot);

    private void Publish(string id, ReplicaStatus status, HealthStatus? health = null, string? description = null)
    {
        var snapshot = Snapshot("") with
        {
            State = ReplicaSnapshot.StateOf(status),
            Properties = ReplicaSnapshot.PropertiesOf(status, []),
            Urls = [new UrlSnapshot("http", "http://localhost:31001", IsInternal: false) { DisplayProperties = new("NodePort") }],
        };
        _lines.Write(
            _view.Apply(Event(_ping, id, snapshot.WithHealthReports([new HealthReportSnapshot("check", health, description, null)]))));
    }
}
