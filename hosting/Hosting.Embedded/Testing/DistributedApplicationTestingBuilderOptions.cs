namespace Aspire.Hosting.Testing;

/// <summary>How an application is built under test.</summary>
public sealed class DistributedApplicationTestingBuilderOptions
{
    /// <summary>Whether the dashboard runs. <see langword="false" /> by default.</summary>
    public bool EnableDashboard { get; set; }
}
