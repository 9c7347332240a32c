using Aspire.Hosting;
using Hosting.Embedded.Tests.Orchestration;

namespace Hosting.Embedded.Tests;

/// <summary>A project on disk that lasts for one test: a project file, and launch settings or app settings when given.</summary>
internal sealed class TestProject : IProjectMetadata, IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public TestProject(string? launchSettings = null, string? appSettings = null)
    {
        ProjectPath = _directory.Write("Service.csproj", "<Project />");
        if (launchSettings is not null)
        {
            Directory.CreateDirectory(Path.Combine(_directory.Path, "Properties"));
            _directory.Write("Properties/launchSettings.json", launchSettings);
        }

        if (appSettings is not null)
        {
            _directory.Write("appsettings.json", appSettings);
        }
    }

    public string ProjectPath { get; }

    public void Dispose() => _directory.Dispose();
}
