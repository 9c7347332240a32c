namespace Gateway.Policies.Jwt;

/// <summary>Where the keys of an issuer come from.</summary>
internal abstract class KeySource
{
    /// <summary>The keys as they are now.</summary>
    /// <param name="keys">The keys; null when there is none that can be used.</param>
    /// <returns>False while they are fetched for the first time; then <see cref="Ready"/> is to be awaited.</returns>
    public abstract bool TryGet(out JsonWebKeys? keys);

    /// <summary>Completes when <see cref="TryGet"/> has an answer.</summary>
    public abstract Task Ready { get; }
}

/// <summary>Keys that stand in the resource.</summary>
internal sealed class InlineKeys(JsonWebKeys? keys) : KeySource
{
    private readonly JsonWebKeys? _keys = keys;

    /// <inheritdoc/>
    public override Task Ready => Task.CompletedTask;

    /// <inheritdoc/>
    public override bool TryGet(out JsonWebKeys? keys)
    {
        keys = _keys;
        return true;
    }
}
