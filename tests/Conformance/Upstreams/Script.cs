using Conformance.Cases;

namespace Conformance.Upstreams;

/// <summary>What an endpoint answers, in turn; the last reply goes on for ever.</summary>
internal sealed class Script(IReadOnlyList<Reply> replies)
{
    /// <summary>Longer than any case lasts, and a time that a timer takes.</summary>
    public static readonly TimeSpan Never = TimeSpan.FromDays(40);

    private int _answered;

    /// <summary>The reply to the next request.</summary>
    public Reply Next() => replies[Math.Min(Interlocked.Increment(ref _answered), replies.Count) - 1];

    /// <summary>How long a reply takes to come.</summary>
    public static TimeSpan DelayOf(Reply reply) => reply.Instead == "hang" ? Never : Match.Span(reply.Delay);

    /// <summary>The body of a reply; one that does not say names the endpoint and the path.</summary>
    public static string BodyOf(Reply reply, string endpoint, string target) =>
        reply.BodySize > 0 ? new string('x', reply.BodySize) : reply.Body ?? $"{endpoint} {target}\n";
}
