using System.Diagnostics;

namespace Benchmarks.Traffic;

/// <summary>An nginx of its own: one worker, no access log, everything in a temporary folder.</summary>
internal sealed class Nginx : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("nginx-");
    private readonly Process _process;

    /// <summary>Starts it with what stands in its <c>http</c> block.</summary>
    public Nginx(string http)
    {
        var configuration = Path.Combine(_folder.FullName, "nginx.conf");
        File.WriteAllText(configuration, $$"""
            daemon off;
            worker_processes 1;
            pid {{_folder.FullName}}/nginx.pid;
            error_log {{_folder.FullName}}/error.log;
            events { worker_connections 4096; }
            http {
              access_log off;
              keepalive_requests 1000000;
              client_body_temp_path {{_folder.FullName}}/body;
              proxy_temp_path {{_folder.FullName}}/proxy;
              fastcgi_temp_path {{_folder.FullName}}/fastcgi;
              uwsgi_temp_path {{_folder.FullName}}/uwsgi;
              scgi_temp_path {{_folder.FullName}}/scgi;
            {{http}}
            }
            """);
        _process = Process.Start(new ProcessStartInfo("nginx", ["-p", _folder.FullName, "-c", configuration]) { RedirectStandardError = true })
            ?? throw new InvalidOperationException("nginx did not start.");
    }

    /// <summary>Its first process, the parent of the worker.</summary>
    public Process Process => _process;

    /// <summary>Three replicas that answer as the ping service does, at almost no cost of their own.</summary>
    public static Nginx Replicas(IEnumerable<int> ports) => new(string.Concat(ports.Select((port, number) =>
        $$"""
          server {
            listen 127.0.0.1:{{port}};
            location / { default_type application/json; return 200 '{"message":"Fri Oct 20 01:42:22 UTC 2023\n pong at ping-{{number}}\n"}'; }
          }

        """)));

    /// <summary>
    /// The seed's rule as ingress-nginx generates it (kubernetes/ingress-nginx rootfs/etc/nginx/template/nginx.tmpl), with its headers to
    /// the upstream and its pool of connections; the balancing is nginx's own instead of Lua.
    /// </summary>
    public static Nginx Proxy(int port, IEnumerable<int> replicas, int routes) => new(
        $$"""
          upstream ping {
            {{string.Concat(replicas.Select(replica => $"server 127.0.0.1:{replica}; "))}}
            keepalive 320; keepalive_requests 10000; keepalive_timeout 60s;
          }
          server {
            listen 127.0.0.1:{{port}};
        {{string.Concat(Enumerable.Range(1, routes).Reverse().Select(Location))}}
          }
        """);

    public void Dispose()
    {
        using (var quit = Process.Start("kill", ["-QUIT", $"{_process.Id}"]))
        {
            quit.WaitForExit();
        }

        _process.WaitForExit();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private static string Location(int version) =>
        $$"""
            location ~* "^/api/v{{version}}(/|$)(.*)" {
              rewrite "(?i)/api/v{{version}}(/|$)(.*)" /$2 break;
              proxy_pass http://ping;
              proxy_http_version 1.1;
              proxy_buffering off;
              proxy_set_header Connection "";
              proxy_set_header Host $http_host;
              proxy_set_header X-Request-ID $request_id;
              proxy_set_header X-Real-IP $remote_addr;
              proxy_set_header X-Forwarded-For $remote_addr;
              proxy_set_header X-Forwarded-Host $http_host;
              proxy_set_header X-Forwarded-Port $server_port;
              proxy_set_header X-Forwarded-Proto $scheme;
              proxy_set_header X-Forwarded-Scheme $scheme;
              proxy_set_header X-Scheme $scheme;
              proxy_set_header X-Original-Forwarded-For $http_x_forwarded_for;
              proxy_set_header Proxy "";
            }

        """;
}
