using System.Reflection;

namespace Aspire.Hosting;

/// <summary>How a distributed application is built.</summary>
public sealed class DistributedApplicationOptions
{
    private readonly Lazy<Assembly?> _assembly;

    /// <summary>Creates options for the AppHost that is running.</summary>
    public DistributedApplicationOptions()
    {
        _assembly = new Lazy<Assembly?>(LoadAssembly);
    }

    /// <summary>The command line.</summary>
    public string[]? Args { get; set; }

    /// <summary>The name of the AppHost's assembly; the running program by default.</summary>
    public string? AssemblyName { get; set; }

    /// <summary>Whether the application runs without a dashboard. <see langword="false" /> by default.</summary>
    public bool DisableDashboard { get; set; }

    /// <summary>Whether the dashboard may be served without TLS. <see langword="false" /> by default.</summary>
    public bool AllowUnsecuredTransport { get; set; }

    /// <summary>Whether the resources' logs also go to the log of the AppHost. <see langword="false" /> by default.</summary>
    public bool EnableResourceLogging { get; set; }

    /// <summary>The registry that container images are taken from, instead of the one they name.</summary>
    public string? ContainerRegistryOverride { get; set; }

    /// <summary>The directory of the AppHost project; recorded at build by default.</summary>
    public string? ProjectDirectory
    {
        get => field ?? Metadata("apphostprojectpath");
        set;
    }

    /// <summary>The name of the application in the dashboard; the AppHost's name by default.</summary>
    public string? DashboardApplicationName { get; set; }

    /// <summary>Whether resources are made to trust the developer certificate; the engine decides by default.</summary>
    public bool? TrustDeveloperCertificate { get; set; }

    /// <summary>Whether https endpoints use the developer certificate; the engine decides by default.</summary>
    public bool? DeveloperCertificateDefaultHttpsTerminationEnabled { get; set; }

    /// <summary>The assembly of the AppHost.</summary>
    internal Assembly? Assembly => _assembly.Value;

    /// <summary>The file name of the AppHost's project, when it was recorded at build.</summary>
    internal string? ProjectName => Metadata("apphostprojectname");

    private string? Metadata(string key) => Assembly?.GetCustomAttributes<AssemblyMetadataAttribute>()
        .FirstOrDefault(a => string.Equals(a.Key, key, StringComparison.OrdinalIgnoreCase))?.Value;

    private Assembly? LoadAssembly()
    {
        if (string.IsNullOrEmpty(AssemblyName))
        {
            return Assembly.GetEntryAssembly();
        }

        try
        {
            return Assembly.Load(AssemblyName);
        }
        catch (Exception exception) when (exception is IOException or BadImageFormatException or ArgumentException)
        {
            throw new InvalidOperationException($"The AppHost assembly '{AssemblyName}' named in DistributedApplicationOptions cannot " +
                "be loaded.", exception);
        }
    }
}
