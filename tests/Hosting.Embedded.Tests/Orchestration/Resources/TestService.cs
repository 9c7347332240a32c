using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using Aspire.Hosting;
using Hosting.Embedded;

namespace Hosting.Embedded.Tests.Orchestration.Resources;

/// <summary>
/// This test program started once more as a small web service, so that the tests need no project to be built: it tells its name, shows its
/// variables, and is as healthy as it is told to be. As project metadata it stands for a project that has been built.
/// </summary>
internal sealed class TestService : IProjectMetadata, IBuiltProject
{
    public const string Role = "EMBEDDED_TESTS_SERVICE";

    private static readonly string Project = CreateProjectFile();

    public string ProjectPath => Project;

    public string TargetPath => typeof(TestService).Assembly.Location;

    // Runs before the test program's own entry point, which it never reaches in this role.
    [ModuleInitializer]
    internal static void Run()
    {
        if (Environment.GetEnvironmentVariable(Role) is null)
        {
            return;
        }

        using var listener = new HttpListener();
        listener.Prefixes.Add($"{Environment.GetEnvironmentVariable("ASPNETCORE_URLS")}/");
        listener.Start();
        Console.WriteLine("listening");
        var status = 200;
        while (true)
        {
            try
            {
                Answer(listener.GetContext(), ref status);
            }
            catch (Exception exception) when (exception is HttpListenerException or IOException or ObjectDisposedException)
            {
                // The caller did not wait for the answer.
            }
        }
    }

    private static void Answer(HttpListenerContext context, ref int status)
    {
        var path = context.Request.Url!.AbsolutePath;
        var name = path[1..];
        var text = path switch
        {
            "/name" => $"{Variable("OTEL_SERVICE_NAME")}-{Variable("OTEL_RESOURCE_ATTRIBUTES")?.Replace("service.instance.id=", "", StringComparison.Ordinal)}",
            "/health" or "/started" or "/alive" => "",
            "/fail" => (status = 503).ToString(System.Globalization.CultureInfo.InvariantCulture),
            "/pass" => (status = 200).ToString(System.Globalization.CultureInfo.InvariantCulture),
            _ => Variable(name) ?? "",
        };
        context.Response.StatusCode = path is "/health" or "/alive" ? status : 200;
        context.Response.KeepAlive = path is "/health" or "/started" or "/alive";
        context.Response.Close(Encoding.UTF8.GetBytes(text), willBlock: true);
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name);

    private static string CreateProjectFile()
    {
        var directory = Directory.CreateTempSubdirectory("embedded-service-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(directory, recursive: true);
        var path = Path.Combine(directory, "TestService.csproj");
        File.WriteAllText(path, "<Project />");
        return path;
    }
}
