namespace Conformance.Time;

/// <summary>
/// The chance of a case: the same numbers for the same seed. Each range has a sequence of its own, so that what is asked at the same time,
/// by a mirror for its endpoint say, takes no number from those that the case is about.
/// </summary>
internal sealed class SeededRandom(int seed) : Random
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(long, long), Random> _sequences = [];

    public override int Next() => Next(int.MaxValue);

    public override int Next(int maxValue) => Next(0, maxValue);

    public override int Next(int minValue, int maxValue)
    {
        lock (_gate)
        {
            return Sequence(minValue, maxValue).Next(minValue, maxValue);
        }
    }

    public override long NextInt64() => NextInt64(long.MaxValue);

    public override long NextInt64(long maxValue) => NextInt64(0, maxValue);

    public override long NextInt64(long minValue, long maxValue)
    {
        lock (_gate)
        {
            return Sequence(minValue, maxValue).NextInt64(minValue, maxValue);
        }
    }

    public override float NextSingle() => (float)NextDouble();

    public override double NextDouble()
    {
        lock (_gate)
        {
            return Sequence(0, 1).NextDouble();
        }
    }

    public override void NextBytes(byte[] buffer) => NextBytes(buffer.AsSpan());

    public override void NextBytes(Span<byte> buffer)
    {
        lock (_gate)
        {
            Sequence(0, 0).NextBytes(buffer);
        }
    }

    protected override double Sample() => NextDouble();

    private Random Sequence(long minValue, long maxValue)
    {
        if (!_sequences.TryGetValue((minValue, maxValue), out var sequence))
        {
            sequence = new Random(unchecked((int)((((seed * 31L) + minValue) * 31) + maxValue)));
            _sequences.Add((minValue, maxValue), sequence);
        }

        return sequence;
    }
}
