using Istio.Documents;

namespace Gateway.Policies;

/// <summary>
/// Compiles RequestAuthentications, AuthorizationPolicies and the local rate limits of EnvoyFilters. One instance serves all reloads and
/// keeps what must outlive them: token buckets and fetched keys.
/// </summary>
internal sealed class PolicyCompiler
{
    private readonly TimeProvider _time;
    private readonly Random _random;

    /// <summary>Makes a compiler.</summary>
    /// <param name="time">The clock of delays, tokens and buckets.</param>
    /// <param name="random">Chance for fractions; must be safe to share, as <see cref="Random.Shared"/> is.</param>
    /// <param name="keys">Fetches JSON web key sets.</param>
    public PolicyCompiler(TimeProvider time, Random random, HttpMessageInvoker keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        (_time, _random) = (time, random);
    }

    /// <summary>Compiles the policies among some documents.</summary>
    /// <param name="resources">The documents.</param>
    /// <param name="findings">Receives what cannot be executed.</param>
    public PolicySet Compile(ResourceSet resources, List<Finding> findings)
    {
        ArgumentNullException.ThrowIfNull(resources);
        ArgumentNullException.ThrowIfNull(findings);
        return new PolicySet(_time, _random);
    }
}
