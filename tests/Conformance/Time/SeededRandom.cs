namespace Conformance.Time;

/// <summary>The chance of a case: the same numbers for the same seed, also when several requests ask at a time.</summary>
internal sealed class SeededRandom(int seed) : Random
{
    private readonly Lock _gate = new();
    private readonly Random _random = new(seed);

    public override int Next() => Next(int.MaxValue);

    public override int Next(int maxValue) => Next(0, maxValue);

    public override int Next(int minValue, int maxValue)
    {
        lock (_gate)
        {
            return _random.Next(minValue, maxValue);
        }
    }

    public override long NextInt64() => NextInt64(long.MaxValue);

    public override long NextInt64(long maxValue) => NextInt64(0, maxValue);

    public override long NextInt64(long minValue, long maxValue)
    {
        lock (_gate)
        {
            return _random.NextInt64(minValue, maxValue);
        }
    }

    public override float NextSingle() => (float)NextDouble();

    public override double NextDouble()
    {
        lock (_gate)
        {
            return _random.NextDouble();
        }
    }

    public override void NextBytes(byte[] buffer) => NextBytes(buffer.AsSpan());

    public override void NextBytes(Span<byte> buffer)
    {
        lock (_gate)
        {
            _random.NextBytes(buffer);
        }
    }

    protected override double Sample() => NextDouble();
}
