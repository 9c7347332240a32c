using System.Globalization;
using Istio.Networking;

namespace Gateway.Policies.RateLimiting;

/// <summary>
/// A token bucket as Envoy has it now: it starts full and fills steadily, not all at once at the end of an interval. Ten tokens per minute
/// are one every six seconds.
/// </summary>
/// <remarks>
/// Envoy source/common/common/token_bucket_impl.h (AtomicTokenBucketImpl): the state is one number, the time at which the bucket was empty
/// or would have been.
/// </remarks>
internal sealed class RequestBucket
{
    private readonly double _maxTokens;
    private readonly double _tokensPerSecond;
    private readonly TimeProvider _time;
    private readonly long _start;
    private double _emptyAt;

    /// <summary>Makes a full bucket.</summary>
    public RequestBucket(TokenBucket bucket, TimeProvider time)
    {
        _maxTokens = bucket.MaxTokens;
        _tokensPerSecond = bucket.TokensPerFill / bucket.FillInterval.Value!.Value.TotalSeconds;
        _time = time;
        _start = time.GetTimestamp();
        _emptyAt = -_maxTokens / _tokensPerSecond;
    }

    /// <summary>The most tokens it holds.</summary>
    public uint MaxTokens => (uint)_maxTokens;

    /// <summary>How fast it fills.</summary>
    public double TokensPerSecond => _tokensPerSecond;

    /// <summary>The whole tokens in it now.</summary>
    public uint RemainingTokens => (uint)Tokens(Volatile.Read(ref _emptyAt));

    /// <summary>Seconds until there is a token again, rounded up; 0 when there is one.</summary>
    public uint SecondsToNextToken
    {
        get
        {
            var tokens = Tokens(Volatile.Read(ref _emptyAt));
            return tokens >= 1 ? 0 : (uint)Math.Ceiling((1 - tokens) / _tokensPerSecond);
        }
    }

    /// <summary>Takes a token; false when there is none.</summary>
    public bool TryTake()
    {
        while (true)
        {
            var emptyAt = Volatile.Read(ref _emptyAt);
            var now = Now;
            var tokens = Math.Min((now - emptyAt) * _tokensPerSecond, _maxTokens);
            if (tokens < 1)
            {
                return false;
            }

            // The comparison is of bits, which is what is meant.
            if (Interlocked.CompareExchange(ref _emptyAt, now - ((tokens - 1) / _tokensPerSecond), emptyAt).Equals(emptyAt))
            {
                return true;
            }
        }
    }

    /// <summary>Tells what is left, as a client may want to know.</summary>
    /// <remarks>https://datatracker.ietf.org/doc/html/draft-polli-ratelimit-headers-03</remarks>
    public void AddResponseHeaders(IHeaderDictionary headers)
    {
        headers.Append("x-ratelimit-limit", MaxTokens.ToString(CultureInfo.InvariantCulture));
        headers.Append("x-ratelimit-remaining", RemainingTokens.ToString(CultureInfo.InvariantCulture));
        headers.Append("x-ratelimit-reset", SecondsToNextToken.ToString(CultureInfo.InvariantCulture));
    }

    private double Now => _time.GetElapsedTime(_start).TotalSeconds;

    private double Tokens(double emptyAt) => Math.Min((Now - emptyAt) * _tokensPerSecond, _maxTokens);
}
