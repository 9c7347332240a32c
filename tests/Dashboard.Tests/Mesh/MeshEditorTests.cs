using Dashboard.Mesh;
using Dashboard.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Dashboard.Tests.Mesh;

/// <summary>Rules are changed in the folder that the gateway follows.</summary>
public sealed class MeshEditorTests : IAsyncLifetime
{
    private readonly TestMesh _mesh = new();
    private TestDashboard? _dashboard;
    private TestEngine? _engine;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private MeshEditor Editor => _dashboard!.Services.GetRequiredService<MeshEditor>();

    private MeshView View => _dashboard!.Services.GetRequiredService<MeshView>();

    public async ValueTask InitializeAsync()
    {
        _dashboard = await TestDashboard.StartAsync();
        _engine = await TestEngine.ConnectAsync(_dashboard);
        await _mesh.TellAsync(_engine);
        await Eventually.TrueAsync(
            async () =>
            {
                await View.RefreshAsync(Cancellation);
                return View.Current is not null;
            },
            "the engine has told of the folder");
    }

    public async ValueTask DisposeAsync()
    {
        await _engine!.DisposeAsync();
        await _dashboard!.DisposeAsync();
        _mesh.Dispose();
    }

    [Fact]
    public async Task Weights_are_written_and_taken_back()
    {
        await Editor.SetWeightsAsync("ping", 0, [50, 50], Cancellation);
        Assert.Equal([50, 50], Assert.Single(RouteControls.In(View.Current!)).Destinations.Select(each => each.Weight));
        Assert.Contains("timeout: 10s", _mesh.Rules, StringComparison.Ordinal);

        await Editor.SetWeightsAsync("ping", 0, [0, 100], Cancellation);
        await Editor.UndoAsync(Cancellation);
        Assert.Equal([50, 50], Assert.Single(RouteControls.In(View.Current!)).Destinations.Select(each => each.Weight));
        await Editor.UndoAsync(Cancellation);
        Assert.Equal([90, 10], Assert.Single(RouteControls.In(View.Current!)).Destinations.Select(each => each.Weight));
        Assert.False(Editor.CanUndo);
        Assert.Empty(Editor.Changes);
    }

    [Fact]
    public async Task A_fault_is_switched_on_and_off()
    {
        var fault = new FaultSetting(503, 30, TimeSpan.FromMilliseconds(250), 20);
        await Editor.SetFaultAsync("ping", 0, fault, Cancellation);
        Assert.Equal(fault, Assert.Single(RouteControls.In(View.Current!)).Fault);
        Assert.Contains("httpStatus: 503", _mesh.Rules, StringComparison.Ordinal);
        Assert.Contains("fixedDelay: 250ms", _mesh.Rules, StringComparison.Ordinal);

        await Editor.SetFaultAsync("ping", 0, null, Cancellation);
        Assert.DoesNotContain("fault", _mesh.Rules, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_would_be_invalid_is_refused_and_not_written()
    {
        var before = _mesh.Rules;
        await Assert.ThrowsAsync<MeshEditException>(() => Editor.SetFaultAsync("ping", 0, new FaultSetting(999, 30, null, 0), Cancellation));
        await Assert.ThrowsAsync<MeshEditException>(() => Editor.SetWeightsAsync("ping", 0, [101, 0], Cancellation));
        await Assert.ThrowsAsync<MeshEditException>(() => Editor.SetWeightsAsync("ping", 7, [50, 50], Cancellation));
        await Assert.ThrowsAsync<MeshEditException>(() => Editor.SetWeightsAsync("none", 0, [50, 50], Cancellation));
        Assert.Equal(before, _mesh.Rules);
    }

    [Fact]
    public async Task Changes_can_be_copied_as_YAML_and_as_the_CSharp_of_an_AppHost()
    {
        await Editor.SetWeightsAsync("ping", 0, [50, 50], Cancellation);
        var change = Assert.Single(Editor.Changes);
        Assert.Contains("weight: 50", change.After, StringComparison.Ordinal);
        var rule = View.Current!.Rules.Single(each => each.Kind == "VirtualService");
        Assert.Equal(
            """"
            mesh.WithResources(new VirtualService
            {
                Metadata = new()
                {
                    Name = "ping",
                },
                Spec = new()
                {
                    Hosts = ["*"],
                    Gateways = ["gateway"],
                    Http = [
                        new HTTPRoute
                        {
                            Name = "a tenth",
                            Match = [
                                new HTTPMatchRequest
                                {
                                    Uri = new()
                                    {
                                        Prefix = "/api/v1",
                                    },
                                },
                            ],
                            Route = [
                                new HTTPRouteDestination
                                {
                                    Destination = new()
                                    {
                                        Host = "ping",
                                        Subset = "v1",
                                    },
                                    Weight = 50,
                                },
                                new HTTPRouteDestination
                                {
                                    Destination = new()
                                    {
                                        Host = "ping",
                                        Subset = "v2",
                                    },
                                    Weight = 50,
                                },
                            ],
                            Timeout = new("10s"),
                        },
                    ],
                },
            });
            """",
            CSharpWriter.Write(rule));
    }

    [Fact]
    public async Task Files_of_somebody_else_are_shown_and_not_changed()
    {
        await using var viewer = await TestDashboard.StartAsync(TestDashboard.Options with { MeshFolder = _mesh.Folder, EngineKey = null });
        var view = viewer.Services.GetRequiredService<MeshView>();
        Assert.Null(view.Current);
        await view.RefreshAsync(Cancellation);
        Assert.NotNull(view.Current);
        Assert.False(view.IsEditable);
        await Assert.ThrowsAsync<MeshEditException>(
            () => viewer.Services.GetRequiredService<MeshEditor>().SetWeightsAsync("ping", 0, [50, 50], Cancellation));
    }
}
