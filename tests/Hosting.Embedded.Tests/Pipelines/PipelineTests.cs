using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Pipelines;
using Aspire.Hosting.Publishing;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Hosting.Embedded.Tests.Pipelines;

public class PipelineTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_step_runs_after_those_it_depends_on_and_no_other_does()
    {
        var log = new List<string>();
        var builder = Publish("last");
        builder.Pipeline.AddStep("last", Log(log), dependsOn: new[] { "middle", "publish-prereq" });
        builder.Pipeline.AddStep("first", Log(log), requiredBy: "middle");
        builder.Pipeline.AddStep("other", Log(log), dependsOn: "last");
        builder.AddResource(new CustomResource("mesh")).WithPipelineStepFactory("middle", Log(log));

        await StartAsync(builder);

        Assert.Equal(["first", "middle", "last"], log);
    }

    [Fact]
    public async Task Events_surround_the_steps_and_the_application_ends_by_itself()
    {
        var log = new List<string>();
        var builder = Publish("work");
        builder.Pipeline.AddStep("work", Log(log));
        builder.Eventing.Subscribe<BeforePublishEvent>((_, _) => Add("before"));
        builder.Eventing.Subscribe<AfterPublishEvent>((_, _) => Add("after"));
        await using var app = builder.Build();

        await app.RunAsync(Cancellation);

        Assert.Equal(["before", "work", "after"], log);

        Task Add(string what)
        {
            log.Add(what);
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task What_a_resource_contributes_belongs_to_it_and_a_callback_may_reorder_steps()
    {
        var log = new List<string>();
        var builder = Publish("publish");
        var mesh = builder.AddResource(new CustomResource("mesh"));
        mesh.WithPipelineStepFactory(context =>
        [
            new PipelineStep { Name = $"b-{context.Resource.Name}", Action = Log(log), Tags = [WellKnownPipelineTags.BuildCompute] },
            new PipelineStep { Name = $"a-{context.Resource.Name}", Action = Log(log), RequiredBySteps = [WellKnownPipelineSteps.Publish] }
        ]);
        mesh.WithPipelineConfiguration(context =>
        {
            var build = Assert.Single(context.GetSteps(mesh.Resource, WellKnownPipelineTags.BuildCompute));
            Assert.Same(mesh.Resource, build.Resource);
            context.GetSteps(mesh.Resource).Where(step => step != build).DependsOn(build);
        });

        await StartAsync(builder);

        Assert.Equal(["b-mesh", "a-mesh"], log);
    }

    [Fact]
    public async Task Steps_before_the_start_run_in_a_run_too()
    {
        var log = new List<string>();
        var builder = TestModel.Run();
        builder.Pipeline.AddStep("prepare", Log(log), requiredBy: WellKnownPipelineSteps.BeforeStart);

        await StartAsync(builder);

        Assert.Equal(["prepare"], log);
    }

    [Fact]
    public async Task A_step_that_fails_stops_those_after_it_and_says_so()
    {
        var log = new List<string>();
        var builder = Publish("last");
        builder.Pipeline.AddStep("broken", static _ => throw new IOException("The disk is full."), requiredBy: "last");
        builder.Pipeline.AddStep("last", Log(log));

        Assert.Equal("Step 'broken' failed: The disk is full.", await ErrorAsync(builder));
        Assert.Empty(log);
    }

    [Theory]
    [InlineData("absent", "Step 'absent' not found in pipeline.")]
    [InlineData("", "The command line names no step to run; add --step and one of: ")]
    public async Task A_step_must_be_named_and_exist(string step, string message)
    {
        var error = await ErrorAsync(Publish(step));
        Assert.StartsWith(message, error, StringComparison.Ordinal);
        Assert.Contains("publish-manifest", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_orders_are_refused()
    {
        var circle = Publish("a");
        circle.Pipeline.AddStep("a", static _ => Task.CompletedTask, dependsOn: "b");
        circle.Pipeline.AddStep("b", static _ => Task.CompletedTask, dependsOn: "a");
        Assert.Equal("Circular dependency detected in pipeline steps: a → b → a", await ErrorAsync(circle));

        var unknown = Publish("a");
        unknown.Pipeline.AddStep("a", static _ => Task.CompletedTask, dependsOn: "nowhere");
        Assert.Equal("Step 'a' depends on unknown step 'nowhere'", await ErrorAsync(unknown));

        var required = Publish("a");
        required.Pipeline.AddStep("a", static _ => Task.CompletedTask, requiredBy: "nowhere");
        Assert.Equal("Step 'a' is required by unknown step 'nowhere'", await ErrorAsync(required));

        var twice = Publish("a");
        twice.Pipeline.AddStep("a", static _ => Task.CompletedTask);
        Assert.Throws<InvalidOperationException>(() => twice.Pipeline.AddStep("a", static _ => Task.CompletedTask));
        twice.AddResource(new CustomResource("mesh")).WithPipelineStepFactory("a", static _ => Task.CompletedTask);
        Assert.Equal("Duplicate step name: 'a'", await ErrorAsync(twice));
        Assert.Throws<ArgumentException>(() => twice.Pipeline.AddStep("b", static _ => Task.CompletedTask, dependsOn: 1));
    }

    [Fact]
    public async Task A_parameter_without_a_value_stops_a_publish()
    {
        var builder = Publish(WellKnownPipelineSteps.Publish);
        builder.AddParameter("missing");
        Assert.StartsWith("Parameter 'missing' has no value: set Parameters:missing", await ErrorAsync(builder), StringComparison.Ordinal);
    }

    [Fact]
    public void Output_goes_where_the_command_line_says_and_temporary_files_go_with_the_application()
    {
        string temporary;
        using (var app = DistributedApplicationTestingBuilder.Create("--operation", "publish", "--output-path", "/out").Build())
        {
            var output = app.Services.GetRequiredService<IPipelineOutputService>();
            Assert.Equal(Path.GetFullPath("/out"), output.GetOutputDirectory());
            Assert.Equal(Path.GetFullPath("/out/mesh"), output.GetOutputDirectory(new CustomResource("mesh")));
            temporary = output.GetTempDirectory();
            Assert.True(Directory.Exists(temporary));
        }

        Assert.False(Directory.Exists(temporary));
    }

    private static Func<PipelineStepContext, Task> Log(List<string> log) => context =>
    {
        // The step knows its own name by where it reports.
        log.Add(((LoggedStep)context.ReportingStep).Name);
        return Task.CompletedTask;
    };

    private static IDistributedApplicationTestingBuilder Publish(string step) =>
        DistributedApplicationTestingBuilder.Create("--operation", "publish", $"--Pipeline:Step={step}");

    private static async Task StartAsync(IDistributedApplicationTestingBuilder builder)
    {
        await using var app = builder.Build();
        await app.StartAsync(Cancellation);
    }

    private static async Task<string> ErrorAsync(IDistributedApplicationTestingBuilder builder) =>
        (await Assert.ThrowsAnyAsync<Exception>(() => StartAsync(builder))).Message;
}
