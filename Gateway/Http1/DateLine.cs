using System.Text;

namespace Gateway.Http1;

/// <summary>The Date header of this second (RFC 9110, section 6.6.1), made once a second.</summary>
internal static class DateLine
{
    private static volatile Made? _made;

    /// <summary>The line with its end.</summary>
    public static ReadOnlySpan<byte> Current
    {
        get
        {
            // The clock of the server, as in every response of Kestrel, and not of the rules.
            var second = DateTimeOffset.UtcNow.Ticks / TimeSpan.TicksPerSecond;
            var made = _made;
            if (made is null || made.Second != second)
            {
                _made = made = new Made(second);
            }

            return made.Line;
        }
    }

    private sealed class Made(long second)
    {
        public long Second => second;

        public byte[] Line { get; } =
            Encoding.ASCII.GetBytes($"Date: {new DateTimeOffset(second * TimeSpan.TicksPerSecond, TimeSpan.Zero):R}\r\n");
    }
}
