using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Hosting.Istio.Deployment;

namespace Publishing.Tests;

/// <summary>The images of the services: what MSBuild evaluates, what a build is told, and the Dockerfiles.</summary>
public partial class ImageTests
{
    public static TheoryData<string, string> Services => new() { { "PingService", "ping-service" }, { "Gateway", "gateway" } };

    [Theory]
    [MemberData(nameof(Services))]
    public async Task An_image_is_small_not_root_labelled_and_the_same_for_the_same_sources(string project, string repository)
    {
        var evaluated = JsonNode.Parse(await DotnetAsync(
            "msbuild", Path.Combine(Repository.Root, project, $"{project}.csproj"), "-nologo", "-t:ComputeContainerConfig", "-p:Configuration=Release",
            "-getProperty:ContainerRepository,ContainerBaseImage,ContainerUser,ContainerImageFormat,Deterministic", "-getItem:ContainerPort,ContainerLabel"))!;
        var properties = evaluated["Properties"]!;
        Assert.Equal(repository, (string?)properties["ContainerRepository"]);
        Assert.Matches("/dotnet/aspnet:10[0-9.]*-noble-chiseled$", (string?)properties["ContainerBaseImage"]!);
        Assert.Equal("1654", (string?)properties["ContainerUser"]);
        Assert.Equal("OCI", (string?)properties["ContainerImageFormat"]);
        Assert.Equal("true", (string?)properties["Deterministic"]);
        Assert.Equal(project == "Gateway" ? ["8080", "8081"] : ["8080"], evaluated["Items"]!["ContainerPort"]!.AsArray().Select(port => (string?)port!["Identity"]));
        var labels = evaluated["Items"]!["ContainerLabel"]!.AsArray().ToDictionary(label => (string)label!["Identity"]!, label => (string?)label!["Value"]);
        Assert.Equal(project, labels["org.opencontainers.image.title"]);
        Assert.Equal("MIT", labels["org.opencontainers.image.licenses"]);
        Assert.NotEmpty(labels["org.opencontainers.image.description"]!);
        Assert.DoesNotContain("org.opencontainers.image.created", labels.Keys);
    }

    [Fact]
    public void A_build_is_told_where_the_image_goes()
    {
        Assert.Equal(
            ["publish", "p.csproj", "-t:PublishContainer", "-nologo", "-v:minimal", "-p:ContainerImageTag=1", "-p:ContainerRepository=localhost:5000/team/ping"],
            ImageBuild.Arguments("p.csproj", "localhost:5000/team/ping:1", push: false, archive: null));
        Assert.Equal(
            ["-p:ContainerRepository=team/ping", "-p:ContainerRegistry=localhost:5000"],
            ImageBuild.Arguments("p.csproj", "localhost:5000/team/ping:1", push: true, archive: null).TakeLast(2));
        Assert.Equal(
            $"-p:ContainerArchiveOutputPath={Path.GetFullPath("out/ping.tar.gz")}",
            ImageBuild.Arguments("p.csproj", "ping:1", push: false, archive: "out").Last());
        var error = Assert.Throws<DistributedApplicationException>(() => ImageBuild.Arguments("p.csproj", "ping:1", push: true, archive: null).ToList());
        Assert.Contains("names no registry to push to", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void A_Dockerfile_copies_what_exists_and_all_that_the_project_is_built_from(string project, string repository)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, project, "Dockerfile"));
        Assert.Contains($"-t {repository} .", text, StringComparison.Ordinal);
        var copied = Copies().Matches(text).SelectMany(match => match.Groups[1].Value.Split(' ')).Select(path => path.TrimEnd('/')).ToList();
        Assert.All(copied, path => Assert.True(Path.Exists(Path.Combine(Repository.Root, path)), path));
        foreach (var needed in Closure(Path.Combine(Repository.Root, project, $"{project}.csproj")))
        {
            Assert.Contains(Path.GetRelativePath(Repository.Root, needed).Replace('\\', '/'), copied);
            Assert.Contains(Path.GetRelativePath(Repository.Root, Path.GetDirectoryName(needed)!).Replace('\\', '/'), copied);
        }
    }

    private static IEnumerable<string> Closure(string project) => XDocument.Load(project).Descendants("ProjectReference")
        .Select(reference => Path.GetFullPath((string)reference.Attribute("Include")!, Path.GetDirectoryName(project)!))
        .SelectMany(Closure).Prepend(project).Distinct();

    private static async Task<string> DotnetAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, output);
        return output;
    }

    [GeneratedRegex(@"^COPY (?!--from)(.*) \S+$", RegexOptions.Multiline)]
    private static partial Regex Copies();
}
