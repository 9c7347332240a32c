namespace Aspire.Hosting.ApplicationModel;

/// <summary>How a command is shown and when it may be given.</summary>
public class CommandOptions
{
    /// <summary>What it does, in a sentence.</summary>
    public string? Description { get; set; }

    /// <summary>An argument that is handed on to those who give the command.</summary>
    [Obsolete("Use Arguments to describe invocation arguments and ExecuteCommandContext.Arguments to read them.")]
    public object? Parameter { get; set; }

    /// <summary>A question to ask before it is given.</summary>
    public string? ConfirmationMessage { get; set; }

    /// <summary>The name of its icon.</summary>
    public string? IconName { get; set; }

    /// <summary>The variant of its icon.</summary>
    public IconVariant? IconVariant { get; set; }

    /// <summary>Whether it is shown before others.</summary>
    public bool IsHighlighted { get; set; }

    /// <summary>Where it is offered; everywhere by default.</summary>
    public ResourceCommandVisibility Visibility { get; set; } = ResourceCommandVisibility.UI | ResourceCommandVisibility.Api;

    /// <summary>Whether it may be given at the moment; always by default. Called with each new snapshot.</summary>
    public Func<UpdateCommandStateContext, ResourceCommandState>? UpdateState { get; set; }
}

/// <summary>Where a command is offered.</summary>
[Flags]
public enum ResourceCommandVisibility
{
    /// <summary>Nowhere.</summary>
    None = 0,

    /// <summary>To people, in the dashboard.</summary>
    UI = 1,

    /// <summary>To programs.</summary>
    Api = 2
}

/// <summary>Whether a command may be given.</summary>
public enum ResourceCommandState
{
    /// <summary>It may.</summary>
    Enabled,

    /// <summary>It is shown, but may not.</summary>
    Disabled,

    /// <summary>It is not shown.</summary>
    Hidden
}

/// <summary>The variant of an icon.</summary>
public enum IconVariant
{
    /// <summary>Outlined.</summary>
    Regular,

    /// <summary>Filled.</summary>
    Filled
}
