using System.Collections.ObjectModel;
using System.Diagnostics.CodeAnalysis;

namespace Aspire.Hosting.Pipelines;

/// <summary>What is told at the end of a run of the pipeline, in the order it was added.</summary>
[Experimental("ASPIREPIPELINES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
public sealed class PipelineSummary
{
    private readonly Lock _lock = new();
    private readonly List<PipelineSummaryItem> _items = [];

    /// <summary>What was added so far.</summary>
    public ReadOnlyCollection<PipelineSummaryItem> Items
    {
        get
        {
            lock (_lock)
            {
                return new ReadOnlyCollection<PipelineSummaryItem>([.. _items]);
            }
        }
    }

    /// <summary>Adds a line.</summary>
    /// <param name="key">What it is about.</param>
    /// <param name="value">What it says.</param>
    public void Add(string key, string value)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(key);
        ArgumentException.ThrowIfNullOrWhiteSpace(value);
        lock (_lock)
        {
            _items.Add(new PipelineSummaryItem(key, value, enableMarkdown: false));
        }
    }
}

/// <summary>A line of the summary.</summary>
[Experimental("ASPIREPIPELINES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
public sealed class PipelineSummaryItem
{
    /// <summary>Creates the line.</summary>
    /// <param name="key">What it is about.</param>
    /// <param name="value">What it says.</param>
    /// <param name="enableMarkdown">Whether the value is Markdown.</param>
    public PipelineSummaryItem(string key, string value, bool enableMarkdown)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        Key = key;
        Value = value;
        EnableMarkdown = enableMarkdown;
    }

    /// <summary>What it is about.</summary>
    public string Key { get; }

    /// <summary>What it says.</summary>
    public string Value { get; }

    /// <summary>Whether the value is Markdown.</summary>
    public bool EnableMarkdown { get; }
}
