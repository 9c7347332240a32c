namespace Aspire.Hosting.Orchestration.Terminal;

/// <summary>A line per change.</summary>
internal sealed class PlainOutput(TextWriter output)
{
    private int _nameWidth;
    private int _stateWidth = "Running".Length;

    /// <summary>Writes a row; does nothing for null.</summary>
    public void Write(ReplicaRow? row)
    {
        if (row is null)
        {
            return;
        }

        _nameWidth = Math.Max(_nameWidth, row.Name.Length);
        _stateWidth = Math.Max(_stateWidth, row.State.Length);
        output.WriteLine($"{row.Name.PadRight(_nameWidth)}  {row.State.PadRight(_stateWidth)}  {row.Detail}".TrimEnd());
        foreach (var line in row.LastLines)
        {
            output.WriteLine($"  | {line}");
        }
    }

    /// <summary>Writes where to go.</summary>
    public void WriteUrls(IEnumerable<(string Resource, string Url, string Text)> urls)
    {
        var all = urls.ToArray();
        if (all.Length == 0)
        {
            return;
        }

        output.WriteLine();
        var width = all.Max(url => url.Resource.Length);
        foreach (var (resource, url, text) in all)
        {
            output.WriteLine($"{resource.PadRight(width)}  {url}{(text.Length > 0 ? $"  {text}" : "")}");
        }

        output.WriteLine();
    }
}
