using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>
/// Lets the testing harness take part in the construction of an application by the AppHost's own entry point. It follows the flow of
/// execution (<see cref="AsyncLocal{T}" />), so that several entry points can run side by side in one process.
/// </summary>
internal abstract class EntryPointHook
{
    private static readonly AsyncLocal<EntryPointHook?> CurrentHook = new();

    /// <summary>The hook of the entry point that is running; <see langword="null" /> when it was not started by a test.</summary>
    public static EntryPointHook? Current
    {
        get => CurrentHook.Value;
        set => CurrentHook.Value = value;
    }

    public abstract void OnBuilderCreating(DistributedApplicationOptions options, HostApplicationBuilderSettings settings);

    public abstract void OnBuilderCreated(DistributedApplicationBuilder builder);

    public abstract void OnBuilding(DistributedApplicationBuilder builder);

    public abstract void OnBuilt(DistributedApplication application);
}
