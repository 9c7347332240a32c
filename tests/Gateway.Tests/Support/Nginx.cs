using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Tests.Shared;

namespace Gateway.Tests.Support;

/// <summary>A real nginx, unprivileged, in a folder of its own; killed with its test whatever happens.</summary>
internal sealed class Nginx : IAsyncDisposable
{
    private readonly Process _process;
    private readonly TempFolder _folder;

    private Nginx(Process process, TempFolder folder, int port)
    {
        _process = process;
        _folder = folder;
        Port = port;
    }

    /// <summary>Why nginx cannot be started here; null when it can.</summary>
    public static string? Missing { get; } =
        Find() is null ? "nginx is not installed; install it (Debian: apt-get install nginx-light)" : null;

    public int Port { get; }

    /// <summary>Starts nginx with the servers that a configuration gives for a port.</summary>
    public static async Task<Nginx> StartAsync(Func<int, string> servers, string upstreams)
    {
        var port = FreePort.Next();
        var folder = new TempFolder();
        folder.Write("nginx.conf", $$"""
            daemon off;
            master_process off;
            pid {{folder.Path}}/nginx.pid;
            error_log {{folder.Path}}/error.log warn;
            events { worker_connections 4096; }
            http {
                access_log off;
                client_body_temp_path {{folder.Path}}/body;
                proxy_temp_path {{folder.Path}}/proxy;
                fastcgi_temp_path {{folder.Path}}/fastcgi;
                uwsgi_temp_path {{folder.Path}}/uwsgi;
                scgi_temp_path {{folder.Path}}/scgi;
                server_tokens off;
                server_name_in_redirect off;
                port_in_redirect off;
                underscores_in_headers off;
                ignore_invalid_headers on;
                client_max_body_size 1m;
                large_client_header_buffers 4 8k;
                keepalive_requests 1000000;
                server_names_hash_bucket_size 128;
                map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
                proxy_http_version 1.1;
                proxy_buffering off;
                proxy_set_header Host $http_host;
                proxy_set_header Upgrade $http_upgrade;
                proxy_set_header Connection $connection_upgrade;
            {{upstreams}}
            {{servers(port)}}
            }
            """);
        var start = new ProcessStartInfo(Find()!)
        {
            ArgumentList = { "-p", folder.Path, "-c", $"{folder.Path}/nginx.conf", "-e", $"{folder.Path}/error.log" },
            RedirectStandardError = true,
        };
        var nginx = new Nginx(Process.Start(start)!, folder, port);
        try
        {
            await nginx.WaitUntilListeningAsync();
            return nginx;
        }
        catch
        {
            await nginx.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        _folder.Dispose();
    }

    private async Task WaitUntilListeningAsync()
    {
        var cancellation = TestContext.Current.CancellationToken;
        while (true)
        {
            if (_process.HasExited)
            {
                var log = Path.Combine(_folder.Path, "error.log");
                var errors = await _process.StandardError.ReadToEndAsync(cancellation);
                throw new InvalidOperationException($"nginx did not start: {errors} {(File.Exists(log) ? File.ReadAllText(log) : "")}");
            }

            using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await probe.ConnectAsync(IPAddress.Loopback, Port, cancellation);
                return;
            }
            catch (SocketException)
            {
                await Task.Yield();
            }
        }
    }

    private static string? Find() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Concat(["/usr/sbin", "/usr/local/sbin"])
        .Select(folder => Path.Combine(folder, "nginx"))
        .FirstOrDefault(File.Exists);
}
