using System.Collections.Immutable;
using Aspire.Hosting;
using Hosting.Istio.Publishing.Components;
using Microsoft.Extensions.Configuration;

namespace Hosting.Istio.Publishing;

/// <summary>
/// What the configuration says about publishing: arguments such as <c>--Namespace=shop</c> or environment variables of the same name.
/// </summary>
internal sealed record PublishOptions
{
    /// <summary>The components of the seed's set-up: its Ingress, its NodePort and the mesh's rules.</summary>
    public static readonly ImmutableArray<string> DefaultComponents = ["ingress", "nodeport", "istio"];

    /// <summary>The folder that holds everything that is published.</summary>
    public required string Output { get; init; }

    /// <summary>The folder of the AppHost, which has aspirate.json.</summary>
    public required string AppHostDirectory { get; init; }

    /// <summary>The namespace that the application is deployed to.</summary>
    public string Namespace { get; init; } = "demo";

    /// <summary>The capabilities that the application is deployed with.</summary>
    public ImmutableArray<string> Components { get; init; } = DefaultComponents;

    /// <summary>Whether workloads refuse plain text, except on the ports that the outside reaches without a sidecar.</summary>
    public bool StrictMtls { get; init; }

    /// <summary>The tag of the images; null for the one of aspirate.json.</summary>
    public string? ImageTag { get; init; }

    /// <summary>The registry of the images; null for the one of aspirate.json.</summary>
    public string? Registry { get; init; }

    /// <summary>Reads the configuration.</summary>
    /// <exception cref="DistributedApplicationException">A value cannot be used.</exception>
    public static PublishOptions Read(IConfiguration configuration, string appHostDirectory)
    {
        var options = new PublishOptions
        {
            AppHostDirectory = appHostDirectory,
            Output = Path.GetFullPath(configuration["AspirateOutput"] ?? "../aspirate-output", appHostDirectory),
            ImageTag = configuration["ImageTag"],
            Registry = configuration["Registry"],
            StrictMtls = (configuration["Mtls"] ?? "permissive").ToUpperInvariant() switch
            {
                "STRICT" => true,
                "PERMISSIVE" => false,
                _ => throw new DistributedApplicationException($"--Mtls={configuration["Mtls"]}: use permissive (the default) or strict."),
            },
        };
        if (configuration["Namespace"] is { } space)
        {
            options = options with { Namespace = NamespaceOf(space) };
        }

        return configuration["Components"] is { } components ? options with { Components = ComponentsOf(components) } : options;
    }

    private static string NamespaceOf(string text) => text.Length is > 0 and <= 63
        && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-') && text[0] != '-' && text[^1] != '-'
            ? text
            : throw new DistributedApplicationException(
                $"--Namespace={text}: a namespace has 1 to 63 lower-case letters, digits and hyphens, the first and last no hyphen.");

    private static ImmutableArray<string> ComponentsOf(string text)
    {
        var names = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct().ToImmutableArray();
        return names.FirstOrDefault(name => !ComponentSet.Names.Contains(name)) is { } unknown
            ? throw new DistributedApplicationException(
                $"--Components={text}: there is no component {unknown}; choose from {string.Join(", ", ComponentSet.Names)}.")
            : names;
    }
}
