using System.Reflection;
using System.Text.Json.Serialization;

namespace PingService.Instance;

/// <summary>What runs here.</summary>
/// <param name="Version">The semantic version of the build.</param>
/// <param name="Commit">The commit it was built from; <see langword="null"/> when it was not built from a git repository.</param>
/// <param name="Instance">The name of this replica.</param>
internal sealed record ServiceVersion(string Version, string? Commit, string Instance);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ServiceVersion))]
internal sealed partial class InstanceJson : JsonSerializerContext;

/// <summary><c>GET /version</c>: tells which build answers, and which replica.</summary>
internal static class VersionEndpoint
{
    /// <summary>Adds this instance's name and version, and their JSON.</summary>
    public static IServiceCollection AddInstance(this IServiceCollection services)
    {
        var instance = InstanceName.FromEnvironment(Environment.GetEnvironmentVariable);
        services.AddSingleton(instance);
        services.AddSingleton(Describe(instance));
        return services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, InstanceJson.Default));
    }

    /// <summary>Maps the endpoint.</summary>
    public static void MapVersion(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/version", (ServiceVersion version) => version)
            .WithTags("Version")
            .WithSummary("Version, commit and instance")
            .WithDescription("The version and commit of this build, and the name of the instance that answers.");

    // The SDK appends the git commit to the informational version, after a plus sign.
    private static ServiceVersion Describe(InstanceName instance)
    {
        var version = typeof(VersionEndpoint).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
        var plus = version.IndexOf('+', StringComparison.Ordinal);
        return plus < 0
            ? new ServiceVersion(version, null, instance.Value)
            : new ServiceVersion(version[..plus], version[(plus + 1)..], instance.Value);
    }
}
