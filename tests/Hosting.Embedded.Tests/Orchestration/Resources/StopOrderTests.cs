using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard;
using Aspire.Hosting.Orchestration.Resources;

namespace Hosting.Embedded.Tests.Orchestration.Resources;

public sealed class StopOrderTests
{
    // "a>b" says that a waits for b, "a~b" that a refers to b, "a<b" that a is stopped before b.
    [Theory]
    [InlineData("a b", "", "")]
    [InlineData("db api web", "api>db web>api", "web<api api<db")]
    [InlineData("web api db", "api>db web>api", "web<api api<db")]
    [InlineData("db api web", "api~db web>db web~api", "web<api api<db")]
    [InlineData("a b", "a~b b~a", "")]
    [InlineData("a b c", "a~a b~a c~b", "c<b b<a")]
    [InlineData("a", "a~elsewhere", "")]
    public async Task Dependants_come_first(string names, string edges, string before)
    {
        var resources =
            names.Split(' ').Append("elsewhere").ToDictionary(name => name, name => new ExecutableResource(name, "program", "/"));
        foreach (var edge in edges.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var ends = edge.Split('>', '~');
            resources[ends[0]].Annotations.Add(edge.Contains('>')
                ? new WaitAnnotation(resources[ends[1]], WaitType.WaitUntilHealthy)
                : new ResourceRelationshipAnnotation(resources[ends[1]], KnownRelationshipTypes.Reference));
        }

        var stopped = new List<string>();
        await StopOrder.StopAsync([.. names.Split(' ').Select(name => resources[name])], resource =>
        {
            stopped.Add(resource.Name);
            return Task.CompletedTask;
        });

        Assert.Equal(names.Split(' ').Order(), stopped.Order());
        foreach (var pair in before.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('<')))
        {
            Assert.True(stopped.IndexOf(pair[0]) < stopped.IndexOf(pair[1]), $"{pair[0]} before {pair[1]}: {string.Join(' ', stopped)}");
        }
    }

    [Fact]
    public async Task The_dashboard_comes_last()
    {
        var dashboard = new DashboardResource("dotnet", "/") { EngineKey = "key" };
        var stopped = new List<IResource>();
        await StopOrder.StopAsync([dashboard, new ExecutableResource("web", "program", "/"), new ExecutableResource("db", "program", "/")], resource =>
        {
            stopped.Add(resource);
            return Task.CompletedTask;
        });

        Assert.Equal(3, stopped.Count);
        Assert.Same(dashboard, stopped[^1]);
    }
}
