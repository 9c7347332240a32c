using System.Diagnostics;
using Hosting.Embedded.Tests.Orchestration;

namespace Hosting.Embedded.Tests.Build;

/// <summary>Runs single targets of an AppHost's build with MSBuild, without compilation.</summary>
public sealed class TargetsTests : IDisposable
{
    private static readonly string Targets = Path.GetFullPath(
        Path.Combine(global::Projects.TestAppHost.ProjectPath, "../../../hosting/Hosting.Embedded/build/Hosting.Embedded.targets"));

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("Embedded", "Aspire.Hosting.Redis", false)]
    [InlineData("Embedded", "Aspire.Hosting", false)]
    [InlineData("", "aspire.hosting.yarp", false)]
    [InlineData("Aspire", "Aspire.Hosting.Redis", true)]
    [InlineData("Embedded", "Aspire.HostingLookalike", true)]
    [InlineData("Embedded", "Aspire.Npgsql", true)]
    public async Task A_package_of_the_genuine_engine_is_a_clear_error(string engine, string package, bool isAllowed)
    {
        var project = Write($"<ItemGroup><PackageReference Include=\"{package}\" Version=\"1.0.0\" /></ItemGroup>");
        var (exitCode, output) = await BuildAsync(project, restore: false, "CheckHostingPackages", $"-p:HostingEngine={engine}");
        Assert.Equal(isAllowed, exitCode == 0);
        if (!isAllowed)
        {
            Assert.Contains(
                $"error : {package} needs the genuine Aspire engine, but this build uses the embedded one; " +
                "build with -p:HostingEngine=Aspire (or set the environment variable HostingEngine), or remove the package reference.",
                output,
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_class_is_generated_for_each_project_of_the_application_and_written_when_it_differs()
    {
        _directory.Write("Shop.Api-v2.csproj", "<Project Sdk=\"Microsoft.NET.Sdk\"><PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup></Project>");
        _directory.Write("2nd.csproj", "<Project Sdk=\"Microsoft.NET.Sdk\"><PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup></Project>");
        _directory.Write("Library.csproj", "<Project Sdk=\"Microsoft.NET.Sdk\"><PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup></Project>");
        var project = Write("""
            <ItemGroup>
              <ProjectReference Include="Shop.Api-v2.csproj" SkipGetTargetFrameworkProperties="true" />
              <ProjectReference Include="2nd.csproj" IsAspireProjectResource="true" AspireProjectMetadataTypeName="Named.So" SkipGetTargetFrameworkProperties="true" />
              <ProjectReference Include="Library.csproj" IsAspireProjectResource="false" SkipGetTargetFrameworkProperties="true" />
            </ItemGroup>
            """);
        Assert.Equal((0, ""), await BuildAsync(project, restore: true, "GenerateHostedProjects", "-p:Configuration=Release"));
        var file = Path.Combine(_directory.Path, "obj", "Release", "net10.0", "Projects.g.cs");
        var source = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        var expected = Path.Combine(_directory.Path, "bin", "Release", "net10.0", "Shop.Api-v2.dll");
        Assert.Contains("public class Shop_Api_v2 : global::Aspire.Hosting.IProjectMetadata, " +
            "global::Hosting.Embedded.IBuiltProject", source, StringComparison.Ordinal);
        Assert.Contains($"public string TargetPath => \"\"\"{expected}\"\"\";", source, StringComparison.Ordinal);
        Assert.Contains("public string ProjectPath => " +
            $"\"\"\"{Path.Combine(_directory.Path, "Shop.Api-v2.csproj")}\"\"\";", source, StringComparison.Ordinal);
        Assert.Contains("public class Named_So :", source, StringComparison.Ordinal);
        Assert.Contains("public class My_App_Host\n", source.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.DoesNotContain("Library", source, StringComparison.Ordinal);

        var written = new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(file, written);
        Assert.Equal((0, ""), await BuildAsync(project, restore: true, "GenerateHostedProjects", "-p:Configuration=Release"));
        Assert.Equal(written, File.GetLastWriteTimeUtc(file));
    }

    [Fact]
    public async Task A_project_that_is_no_AppHost_gets_the_classes_it_asks_for()
    {
        _directory.Write("Service.csproj", "<Project Sdk=\"Microsoft.NET.Sdk\"><PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup></Project>");
        _directory.Write("Library.csproj", "<Project Sdk=\"Microsoft.NET.Sdk\"><PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup></Project>");
        var project = Write("""
            <PropertyGroup><IsAppHost>false</IsAppHost></PropertyGroup>
            <ItemGroup>
              <ProjectReference Include="Service.csproj" IsAspireProjectResource="true" SkipGetTargetFrameworkProperties="true" />
              <ProjectReference Include="Library.csproj" SkipGetTargetFrameworkProperties="true" />
            </ItemGroup>
            """);
        Assert.Equal((0, ""), await BuildAsync(project, restore: true, "GenerateHostedProjects"));
        var source = await File.ReadAllTextAsync(Path.Combine(_directory.Path, "obj", "Debug", "net10.0", "Projects.g.cs"), TestContext.Current.CancellationToken);
        Assert.Equal(1, source.Split("public class").Length - 1);
    }

    private string Write(string items) => _directory.Write("My.App-Host.csproj", $"""
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
          {items}
          <Import Project="{Targets}" />
        </Project>
        """);

    private static async Task<(int ExitCode, string Output)> BuildAsync(string project, bool restore, string target, params string[] args)
    {
        var start = new ProcessStartInfo("dotnet", ["msbuild", project, .. restore ? ["-restore"] : Array.Empty<string>(), $"-t:{target}", "-v:q", "-nologo", "-nr:false", .. args])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = Path.GetDirectoryName(project)!
        };
        start.Environment.Remove("HostingEngine");
        start.Environment["MSBUILDTERMINALLOGGER"] = "off";
        using var process = Process.Start(start)!;
        try
        {
            var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return (process.ExitCode, output.Trim());
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }
}
