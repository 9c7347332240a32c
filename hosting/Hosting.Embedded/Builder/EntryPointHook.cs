using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>
/// Lets the testing harness take part in the construction and the start of an application by the AppHost's own entry point. It follows
/// the flow of execution (<see cref="AsyncLocal{T}" />), so that several entry points can run side by side in one process.
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

    /// <summary>The builder is about to be made; its options and settings may be changed.</summary>
    public abstract void OnBuilderCreating(DistributedApplicationOptions options, HostApplicationBuilderSettings settings);

    /// <summary>The builder is made, the model is still empty.</summary>
    public abstract void OnBuilderCreated(DistributedApplicationBuilder builder);

    /// <summary>The model is declared; may block until the application is to be built.</summary>
    public abstract void OnBuilding(DistributedApplicationBuilder builder);

    /// <summary>The application is built.</summary>
    public abstract void OnBuilt(DistributedApplication application);

    /// <summary>The application is about to start; ends when it may.</summary>
    public abstract Task OnStartingAsync(CancellationToken cancellationToken);

    /// <summary>The start is done, or it failed.</summary>
    public abstract void OnStarted(Exception? failure);
}
