using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration.Launch;
using Aspire.Hosting.Orchestration.Processes;
using Hosting.Embedded.Tests.Orchestration.Replicas;

namespace Hosting.Embedded.Tests.Orchestration.Launch;

public sealed class ProjectOutputTests
{
    private readonly FakeProcesses _msbuild = new();

    [Fact]
    public async Task A_project_without_built_metadata_is_evaluated_once()
    {
        using var directory = new TemporaryDirectory();
        var project = ProjectAt(directory.Write("some.csproj", "<Project />"));
        var target = directory.Write("some.dll", "");
        var output = new ProjectOutput(_msbuild);

        var first = output.FindAsync(project, TestContext.Current.CancellationToken);
        (await _msbuild.NextAsync()).Exit(0, [], target, "");
        var (program, arguments) = await first;
        var second = await output.FindAsync(project, TestContext.Current.CancellationToken);

        Assert.Equal("dotnet", Path.GetFileNameWithoutExtension(program));
        Assert.Equal([target], arguments);
        Assert.Equal(program, second.Program);
    }

    [Fact]
    public async Task An_executable_next_to_the_assembly_is_preferred()
    {
        Assert.SkipUnless(ProjectOutput.DotNetRoot is not null && !OperatingSystem.IsWindows(), "Needs an installed runtime.");
        using var directory = new TemporaryDirectory();
        var project = ProjectAt(directory.Write("some.csproj", "<Project />"));
        var target = directory.Write("some.dll", "");
        var executable = directory.Write("some", "");
        var find = new ProjectOutput(_msbuild).FindAsync(project, TestContext.Current.CancellationToken);
        (await _msbuild.NextAsync()).Exit(0, [], target);

        Assert.Equal(executable, (await find).Program);
    }

    [Fact]
    public async Task What_MSBuild_says_is_the_reason()
    {
        using var directory = new TemporaryDirectory();
        var path = directory.Write("some.csproj", "<Project");
        var find = new ProjectOutput(_msbuild).FindAsync(ProjectAt(path), TestContext.Current.CancellationToken);
        (await _msbuild.NextAsync()).Exit(1, [], "error MSB4025: not well-formed");

        var exception = await Assert.ThrowsAsync<ProcessStartException>(() => find);
        Assert.Equal($"The project '{path}' could not be evaluated (exit code 1): error MSB4025: not well-formed", exception.Message);
    }

    [Fact]
    public async Task A_project_that_is_not_built_says_so()
    {
        using var directory = new TemporaryDirectory();
        var path = directory.Write("some.csproj", "<Project />");
        var find = new ProjectOutput(_msbuild).FindAsync(ProjectAt(path), TestContext.Current.CancellationToken);
        (await _msbuild.NextAsync()).Exit(0, [], "/no/such.dll");

        var exception = await Assert.ThrowsAsync<ProcessStartException>(() => find);
        Assert.Equal(
            $"Project '{path}' is not built, '/no/such.dll' does not exist: run dotnet build on the AppHost or on the project.",
            exception.Message);
    }

    private static ProjectResource ProjectAt(string path)
    {
        var project = new ProjectResource("project");
        project.Annotations.Add(new Metadata(path));
        return project;
    }

    private sealed class Metadata(string path) : IProjectMetadata
    {
        public string ProjectPath => path;
    }
}
