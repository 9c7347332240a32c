namespace Aspire.Hosting.Orchestration.Processes;

/// <summary>The last lines a child wrote, for the report of a crash. Safe for use by several threads.</summary>
internal sealed class OutputTail(int capacity = 20)
{
    private readonly Queue<OutputLine> _lines = new(capacity);

    public void Add(OutputLine line)
    {
        lock (_lines)
        {
            if (_lines.Count == capacity)
            {
                _lines.Dequeue();
            }

            _lines.Enqueue(line);
        }
    }

    public IReadOnlyList<OutputLine> ToList()
    {
        lock (_lines)
        {
            return [.. _lines];
        }
    }
}
