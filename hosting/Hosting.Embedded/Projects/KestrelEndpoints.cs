using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>An endpoint in a project's own Kestrel configuration (<c>Kestrel:Endpoints:{name}:Url</c> in its appsettings).</summary>
internal sealed record KestrelEndpoint(string Name, BindingUrl Url, bool IsHttp2)
{
    /// <summary>Declares the endpoint on the project.</summary>
    public void AddTo(IResourceBuilder<ProjectResource> builder, DistributedApplicationExecutionContext context) =>
        builder.WithEndpoint(Name, endpoint =>
        {
            // Published, callers come through the platform's standard port; run, the target port must differ between replicas.
            if (context.IsPublishMode)
            {
                endpoint.TargetPort = Url.Port;
            }
            else
            {
                endpoint.Port = Url.Port;
            }

            endpoint.UriScheme = Url.Scheme;
            endpoint.TargetHost = Url.Host;
            if (IsHttp2)
            {
                endpoint.Transport = "http2";
            }
        });
}

/// <summary>Reads the Kestrel configuration of a project.</summary>
internal static class KestrelEndpoints
{
    public static IReadOnlyList<KestrelEndpoint> Read(string projectPath, IHostEnvironment environment)
    {
        var directory = Path.GetDirectoryName(projectPath)!;
        var configuration = new ConfigurationBuilder()
            .SetBasePath(directory)
            .AddJsonFile("appsettings.json", optional: true)
            .AddJsonFile($"appsettings.{environment.EnvironmentName}.json", optional: true)
            .Build();
        var http2ByDefault = configuration["Kestrel:EndpointDefaults:Protocols"] == "Http2";
        var endpoints = configuration.GetSection("Kestrel:Endpoints").GetChildren()
            .Where(static e => e["Url"] is not null)
            .Select(e => (e.Key, Url: BindingUrl.Parse(e["Url"]!, $"Kestrel endpoint '{e.Key}' in the settings of " +
                $"{projectPath}"), Protocols: e["Protocols"]))
            .ToArray();

        // The only endpoint of a scheme goes by the scheme, as it does with a launch profile.
        return [.. endpoints.Select(e => new KestrelEndpoint(
            endpoints.Count(other => other.Url.Scheme == e.Url.Scheme) == 1 ? e.Url.Scheme : e.Key,
            e.Url,
            e.Protocols is null ? http2ByDefault : e.Protocols == "Http2"))];
    }
}
