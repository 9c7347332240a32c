using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A command that can be given to a resource.</summary>
[DebuggerDisplay("{Name,nq}")]
public sealed class ResourceCommandAnnotation : IResourceAnnotation
{
    /// <summary>Declares the command.</summary>
    /// <param name="name">Its name, unique within the resource.</param>
    /// <param name="displayName">The name to show.</param>
    /// <param name="updateState">Whether it may be given at the moment.</param>
    /// <param name="executeCommand">What it does.</param>
    /// <param name="displayDescription">What it does, in a sentence.</param>
    /// <param name="parameter">An argument that is handed on to those who give the command.</param>
    /// <param name="confirmationMessage">A question to ask before it is given.</param>
    /// <param name="iconName">The name of its icon.</param>
    /// <param name="iconVariant">The variant of its icon.</param>
    /// <param name="isHighlighted">Whether it is shown before others.</param>
    public ResourceCommandAnnotation(
        string name,
        string displayName,
        Func<UpdateCommandStateContext, ResourceCommandState> updateState,
        Func<ExecuteCommandContext, Task<ExecuteCommandResult>> executeCommand,
        string? displayDescription,
        object? parameter,
        string? confirmationMessage,
        string? iconName,
        IconVariant? iconVariant,
        bool isHighlighted)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentException.ThrowIfNullOrWhiteSpace(displayName);
        ArgumentNullException.ThrowIfNull(updateState);
        ArgumentNullException.ThrowIfNull(executeCommand);
        Name = name;
        DisplayName = displayName;
        UpdateState = updateState;
        ExecuteCommand = executeCommand;
        DisplayDescription = displayDescription;
#pragma warning disable CS0618 // The obsolete parameter is handed on for those who still use it.
        Parameter = parameter;
#pragma warning restore CS0618
        ConfirmationMessage = confirmationMessage;
        IconName = iconName;
        IconVariant = iconVariant;
        IsHighlighted = isHighlighted;
    }

    /// <summary>Its name, unique within the resource.</summary>
    public string Name { get; }

    /// <summary>The name to show.</summary>
    public string DisplayName { get; }

    /// <summary>Whether it may be given at the moment.</summary>
    public Func<UpdateCommandStateContext, ResourceCommandState> UpdateState { get; }

    /// <summary>What it does.</summary>
    public Func<ExecuteCommandContext, Task<ExecuteCommandResult>> ExecuteCommand { get; }

    /// <summary>What it does, in a sentence.</summary>
    public string? DisplayDescription { get; }

    /// <summary>An argument that is handed on to those who give the command.</summary>
    [Obsolete("Use Arguments to describe invocation arguments and ExecuteCommandContext.Arguments to read them.")]
    public object? Parameter { get; }

    /// <summary>A question to ask before it is given.</summary>
    public string? ConfirmationMessage { get; }

    /// <summary>The name of its icon.</summary>
    public string? IconName { get; }

    /// <summary>The variant of its icon.</summary>
    public IconVariant? IconVariant { get; }

    /// <summary>Whether it is shown before others.</summary>
    public bool IsHighlighted { get; }

    /// <summary>Where it is offered.</summary>
    public ResourceCommandVisibility Visibility { get; internal init; } = ResourceCommandVisibility.UI | ResourceCommandVisibility.Api;

    /// <summary>Whether it is for the resource as a whole, so that it is given once however many replicas there are.</summary>
    internal bool IsGivenOnce { get; init; }

    internal ResourceCommandSnapshot ToSnapshot(ResourceCommandState state)
    {
#pragma warning disable CS0618 // The obsolete parameter is handed on for those who still use it.
        var parameter = Parameter;
#pragma warning restore CS0618
        return new ResourceCommandSnapshot(
            Name, state, DisplayName, DisplayDescription, parameter, ConfirmationMessage, IconName, IconVariant, IsHighlighted)
        {
            Visibility = Visibility
        };
    }
}

/// <summary>A command of a resource, as it is shown.</summary>
/// <param name="Name">Its name, unique within the resource.</param>
/// <param name="State">Whether it may be given.</param>
/// <param name="DisplayName">The name to show.</param>
/// <param name="DisplayDescription">What it does, in a sentence.</param>
/// <param name="Parameter">An argument that is handed on to those who give the command.</param>
/// <param name="ConfirmationMessage">A question to ask before it is given.</param>
/// <param name="IconName">The name of its icon.</param>
/// <param name="IconVariant">The variant of its icon.</param>
/// <param name="IsHighlighted">Whether it is shown before others.</param>
[DebuggerDisplay("{Name,nq}: {State}")]
public sealed record ResourceCommandSnapshot(
    string Name,
    ResourceCommandState State,
    string DisplayName,
    string? DisplayDescription,
    [property: Obsolete("Use Arguments to describe invocation arguments.")] object? Parameter,
    string? ConfirmationMessage,
    string? IconName,
    IconVariant? IconVariant,
    bool IsHighlighted)
{
    /// <summary>Where it is offered.</summary>
    public ResourceCommandVisibility Visibility { get; init; } = ResourceCommandVisibility.UI | ResourceCommandVisibility.Api;
}

/// <summary>What a command may look at to tell whether it may be given.</summary>
public sealed class UpdateCommandStateContext
{
    /// <summary>What is known of the resource.</summary>
    public required CustomResourceSnapshot ResourceSnapshot { get; init; }

    /// <summary>The services of the application.</summary>
    public required IServiceProvider Services { get; init; }

    /// <summary>The services of the application.</summary>
    [Obsolete("Use Services instead.")]
    public IServiceProvider ServiceProvider
    {
        get => Services;
        init => Services = value;
    }
}

/// <summary>What a command works with.</summary>
public sealed class ExecuteCommandContext
{
    /// <summary>The services of the application.</summary>
    public required IServiceProvider Services { get; init; }

    /// <summary>The services of the application.</summary>
    [Obsolete("Use Services instead.")]
    public IServiceProvider ServiceProvider
    {
        get => Services;
        init => Services = value;
    }

    /// <summary>The name of the replica it is for, or of the resource when it has only one.</summary>
    public required string ResourceName { get; init; }

    /// <summary>Cancelled when the command is given up.</summary>
    public required CancellationToken CancellationToken { get; init; }

    /// <summary>The log of the resource.</summary>
    public required ILogger Logger { get; init; }
}

/// <summary>How a command ended. Made by <see cref="CommandResults" />.</summary>
public sealed class ExecuteCommandResult
{
    /// <summary>Whether it did what it should.</summary>
    public required bool Success { get; init; }

    /// <summary>Whether it was cancelled.</summary>
    public bool Canceled { get; init; }

    /// <summary>What to tell the one who gave it.</summary>
    public string? Message { get; init; }

    /// <summary>What to tell the one who gave it.</summary>
    [Obsolete("Use Message instead.")]
    public string? ErrorMessage
    {
        get => Message;
        init => Message = value;
    }

    /// <summary>What it returned.</summary>
    public CommandResultData? Data { get; init; }
}

/// <summary>What a command returned.</summary>
public sealed class CommandResultData
{
    /// <summary>The text.</summary>
    public required string Value { get; init; }

    /// <summary>What kind of text it is; plain by default.</summary>
    public CommandResultFormat Format { get; init; }

    /// <summary>Whether it is shown at once rather than offered.</summary>
    public bool DisplayImmediately { get; init; }
}

/// <summary>What kind of text a command returned.</summary>
public enum CommandResultFormat
{
    /// <summary>Plain text.</summary>
    Text,

    /// <summary>JSON.</summary>
    Json,

    /// <summary>Markdown.</summary>
    Markdown
}

/// <summary>The names of the commands every process has.</summary>
public static class KnownResourceCommands
{
    /// <summary>Starts it.</summary>
    public static readonly string StartCommand = "start";

    /// <summary>Stops it.</summary>
    public static readonly string StopCommand = "stop";

    /// <summary>Stops and starts it.</summary>
    public static readonly string RestartCommand = "restart";

    /// <summary>Builds its project and starts it.</summary>
    public static readonly string RebuildCommand = "rebuild";

    /// <summary>Gives a parameter a value.</summary>
    public static readonly string SetParameterCommand = "set-parameter";

    /// <summary>Takes a parameter's value away.</summary>
    public static readonly string DeleteParameterCommand = "delete-parameter";
}
