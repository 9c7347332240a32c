namespace Dashboard.Telemetry;

/// <summary>
/// One copy of the short texts that come again and again: names, keys, status codes. It is emptied when it is full, so that it is bounded
/// whatever comes. Safe for use by several threads.
/// </summary>
internal sealed class StringPool
{
    private const int Capacity = 8_192;
    private const int MaxLength = 96;

    private readonly Lock _gate = new();
    private readonly HashSet<string> _texts = new(StringComparer.Ordinal);

    /// <summary>The same text, if possible a copy that exists already.</summary>
    public string Intern(string text)
    {
        if (text.Length == 0)
        {
            return "";
        }

        if (text.Length > MaxLength)
        {
            return text;
        }

        lock (_gate)
        {
            if (_texts.TryGetValue(text, out var known))
            {
                return known;
            }

            if (_texts.Count >= Capacity)
            {
                _texts.Clear();
            }

            _texts.Add(text);
            return text;
        }
    }
}
