using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using Aspire.Hosting;
using Hosting.Embedded;

namespace Hosting.Embedded.Tests.Orchestration.Resources;

/// <summary>
/// This test program started once more as a small web service, so that the tests need no project to be built: it tells its name, shows its
/// variables, and is as healthy as it is told to be. As project metadata it stands for a project that has been built.
/// </summary>
/// <remarks>
/// Plain sockets on one thread: other threads would wait for the end of the module initializer, and HttpListener throws from Start when a
/// connection comes in before its constructor is done, which the engine's polls make likely
/// (https://github.com/dotnet/runtime/blob/main/src/libraries/System.Net.HttpListener/src/System/Net/Managed/HttpEndPointListener.cs).
/// </remarks>
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

        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, new Uri(Variable("ASPNETCORE_URLS")!).Port));
        listener.Listen();
        Console.WriteLine("listening");
        var connections = new List<Socket>();
        var status = 200;
        while (true)
        {
            List<Socket> readable = [listener, .. connections];
            Socket.Select(readable, null, null, Timeout.Infinite);
            if (readable.Remove(listener))
            {
                connections.Add(listener.Accept());
            }

            foreach (var connection in readable.Where(connection => !Serve(connection, ref status)))
            {
                connections.Remove(connection);
                connection.Dispose();
            }
        }
    }

    /// <summary>Answers one request; false when the connection is done.</summary>
    private static bool Serve(Socket connection, ref int status)
    {
        try
        {
            if (ReadPath(connection) is not { } path)
            {
                return false;
            }

            var text = TextOf(path, ref status);
            var code = path is "/health" or "/alive" ? status : 200;
            var keepAlive = path is "/health" or "/started" or "/alive";
            var head = $"HTTP/1.1 {code} x\r\nContent-Length: {Encoding.UTF8.GetByteCount(text)}\r\n{(keepAlive ? "" : "Connection: close\r\n")}\r\n";
            connection.Send(Encoding.UTF8.GetBytes(head + text));
            return keepAlive;
        }
        catch (SocketException)
        {
            // The caller did not wait for the answer.
            return false;
        }
    }

    private static string? ReadPath(Socket connection)
    {
        var head = "";
        var buffer = new byte[4096];
        while (!head.Contains("\r\n\r\n", StringComparison.Ordinal))
        {
            var read = connection.Receive(buffer);
            if (read == 0)
            {
                return null;
            }

            head += Encoding.ASCII.GetString(buffer, 0, read);
        }

        return head.Split(' ')[1];
    }

    private static string TextOf(string path, ref int status) => path switch
    {
        "/name" => $"{Variable("OTEL_SERVICE_NAME")}-{Variable("OTEL_RESOURCE_ATTRIBUTES")?.Replace("service.instance.id=", "", StringComparison.Ordinal)}",
        "/health" or "/started" or "/alive" => "",
        "/fail" => (status = 503).ToString(System.Globalization.CultureInfo.InvariantCulture),
        "/pass" => (status = 200).ToString(System.Globalization.CultureInfo.InvariantCulture),
        _ => Variable(path[1..]) ?? "",
    };

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
