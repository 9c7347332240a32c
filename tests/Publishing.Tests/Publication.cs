using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Publishing.Tests;

/// <summary>Publishes an application in this process.</summary>
internal static class Publication
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Runs the AppHost of this repository, with a step of its pipeline.</summary>
    public static async Task RunAppHostAsync(string step, string output, params string[] arguments)
    {
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(
            ["--operation", "publish", "--step", step, $"--AspirateOutput={output}", .. arguments], Cancellation);
        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning));
        await using var app = await builder.BuildAsync(Cancellation);
        await app.StartAsync(Cancellation);
    }

    /// <summary>Starts the declaration of another application, whose aspirate.json uses the templates of this repository.</summary>
    public static IDistributedApplicationBuilder Declare(TemporaryFolder folder, string step, params string[] arguments)
    {
        var templates = Path.Combine(Repository.Root, "AppHost", "aspirate-templates").Replace('\\', '/');
        folder.Write("AppHost/aspirate.json", $$"""{ "TemplatePath": "{{templates}}", "ContainerSettings": { "Registry": "registry.example.com", "Tags": [ "1.2" ] } }""");
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions
        {
            Args = ["--operation", "publish", "--step", step, .. arguments],
            DisableDashboard = true,
            ProjectDirectory = folder.File("AppHost"),
        });
        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning));
        return builder;
    }

    /// <summary>A project on disk.</summary>
    public static IResourceBuilder<ProjectResource> AddProject(this IDistributedApplicationBuilder builder, TemporaryFolder folder, string name, string properties = "") =>
        builder.AddProject(name, folder.Write($"{name}/{name}.csproj", $"<Project><PropertyGroup>{properties}</PropertyGroup></Project>"));

    public static async Task PublishAsync(this IDistributedApplicationBuilder builder)
    {
        await using var app = builder.Build();
        await app.StartAsync(Cancellation);
    }

    public static async Task<string> ErrorAsync(this IDistributedApplicationBuilder builder) =>
        (await Assert.ThrowsAnyAsync<DistributedApplicationException>(builder.PublishAsync)).Message;
}
