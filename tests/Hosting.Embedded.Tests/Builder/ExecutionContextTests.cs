using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Lifecycle;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Hosting.Embedded.Tests.Builder;

public class ExecutionContextTests
{
    [Theory]
    [InlineData("", DistributedApplicationOperation.Run, "manifest")]
    [InlineData("--operation run", DistributedApplicationOperation.Run, "manifest")]
    [InlineData("--operation publish", DistributedApplicationOperation.Publish, "manifest")]
    [InlineData("--operation Publish --step publish-manifest --output-path m.json", DistributedApplicationOperation.Publish, "manifest")]
    [InlineData("--publisher manifest --output-path m.json", DistributedApplicationOperation.Publish, "manifest")]
    [InlineData("--publisher=kubernetes", DistributedApplicationOperation.Publish, "kubernetes")]
    [InlineData("--Publishing:Publisher=manifest", DistributedApplicationOperation.Publish, "manifest")]
    public void The_command_line_chooses_between_run_and_publish(string args, DistributedApplicationOperation operation, string publisher)
    {
        var builder = TestModel.Run(args.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(operation, builder.ExecutionContext.Operation);
        Assert.Equal(operation == DistributedApplicationOperation.Run, builder.ExecutionContext.IsRunMode);
        Assert.Equal(operation == DistributedApplicationOperation.Publish, builder.ExecutionContext.IsPublishMode);
        Assert.Equal(publisher, builder.ExecutionContext.PublisherName);
        Assert.Equal(args.Contains("m.json") ? "m.json" : null, builder.Configuration["Pipeline:OutputPath"]);
    }

    [Fact]
    public void An_unknown_operation_is_refused() => Assert.Equal(
        "'deploy' is not an operation; use --operation run or --operation publish.",
        Assert.Throws<DistributedApplicationException>(() => TestModel.Run("--operation", "deploy")).Message);

    [Fact]
    public void The_services_are_there_once_the_application_is_built()
    {
        var builder = TestModel.Run();
        Assert.Throws<InvalidOperationException>(() => builder.ExecutionContext.Services);
        using var app = builder.Build();
        Assert.Same(app.Services.GetRequiredService<DistributedApplicationModel>(), builder.ExecutionContext.Services
            .GetRequiredService<DistributedApplicationModel>());
    }

    [Fact]
    public void An_application_is_built_once()
    {
        var builder = TestModel.Run();
        using var app = builder.Build();
        Assert.Throws<InvalidOperationException>(builder.Build);
    }

    [Fact]
    public async Task Subscribers_subscribe_before_the_start_is_announced_and_hosted_services_come_last()
    {
        var log = new List<string>();
        var builder = TestModel.Run();
        builder.Services.AddSingleton(log);
        builder.Services.AddEventingSubscriber<Subscriber>();
        builder.Services.TryAddEventingSubscriber<Subscriber>();
        builder.Services.AddHostedService<Service>();
        builder.OnBeforeStart((e, _) =>
        {
            log.Add($"before start: {e.Model.Resources.Count}");
            return Task.CompletedTask;
        });
        await using var app = builder.Build();
        await app.StartAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["subscribe Run", "before start: 0", "subscriber: before start", "service"], log);
    }

    [Fact]
    public async Task Handlers_of_the_start_may_change_the_model_but_not_break_it()
    {
        var builder = TestModel.Run();
        var ping = builder.AddExecutable("ping", "ping", ".").WithExplicitStart();
        builder.OnBeforeStart((_, _) =>
        {
            ping.WithAnnotation(new ReplicaAnnotation(0));
            return Task.CompletedTask;
        });
        await using var app = builder.Build();
        await Assert.ThrowsAsync<DistributedApplicationException>(() => app.StartAsync(TestContext.Current.CancellationToken));
    }

    private sealed class Subscriber(List<string> log) : IDistributedApplicationEventingSubscriber
    {
        public Task SubscribeAsync(
            IDistributedApplicationEventing eventing,
            DistributedApplicationExecutionContext executionContext,
            CancellationToken cancellationToken)
        {
            log.Add($"subscribe {executionContext.Operation}");
            eventing.Subscribe<BeforeStartEvent>((_, _) =>
            {
                log.Add("subscriber: before start");
                return Task.CompletedTask;
            });
            return Task.CompletedTask;
        }
    }

    private sealed class Service(List<string> log) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            log.Add("service");
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
