using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dashboard.EngineLink;

/// <summary>What an engine tells the dashboard. This file is compiled into both.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(ResourceChanged), "resource")]
[JsonDerivedType(typeof(ResourceRemoved), "removed")]
[JsonDerivedType(typeof(LogWritten), "log")]
[JsonDerivedType(typeof(CommandEnded), "commandEnded")]
internal abstract record EngineMessage;

/// <summary>A resource, or one of its replicas, is now so.</summary>
internal sealed record ResourceChanged(ResourceInfo Resource) : EngineMessage;

/// <summary>A replica is gone for good.</summary>
internal sealed record ResourceRemoved(string Id) : EngineMessage;

/// <summary>Lines of a log that is watched.</summary>
internal sealed record LogWritten(string Id, IReadOnlyList<ConsoleLine> Lines) : EngineMessage;

/// <summary>A command has ended.</summary>
/// <param name="Request">The number of the request.</param>
/// <param name="Success">Whether it did what it should.</param>
/// <param name="Message">What to tell the one who gave it.</param>
/// <param name="Value">What it returned, if anything.</param>
internal sealed record CommandEnded(int Request, bool Success, string? Message, string? Value) : EngineMessage;

/// <summary>What the dashboard asks of an engine.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(WatchLog), "watchLog")]
[JsonDerivedType(typeof(UnwatchLog), "unwatchLog")]
[JsonDerivedType(typeof(RunCommand), "command")]
internal abstract record DashboardMessage;

/// <summary>Send the lines of this log: what there is, then each new one.</summary>
internal sealed record WatchLog(string Id) : DashboardMessage;

/// <summary>Send no more lines of this log.</summary>
internal sealed record UnwatchLog(string Id) : DashboardMessage;

/// <summary>Give a command to a resource or a replica.</summary>
internal sealed record RunCommand(int Request, string Resource, string Command) : DashboardMessage;

/// <summary>The JSON of the messages.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EngineMessage))]
[JsonSerializable(typeof(DashboardMessage))]
internal sealed partial class MessageJson : JsonSerializerContext;
