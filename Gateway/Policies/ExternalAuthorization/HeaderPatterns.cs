using System.Collections.Frozen;
using System.Collections.Immutable;
using Istio.Documents;

namespace Gateway.Policies.ExternalAuthorization;

/// <summary>Names of headers: whole ones, beginnings (<c>x-*</c>) and ends (<c>*-id</c>), whatever their case.</summary>
/// <remarks>Istio pilot/pkg/security/authz/builder/extauthz.go (generateHeaders)</remarks>
internal sealed class HeaderPatterns
{
    private readonly FrozenSet<string> _names;
    private readonly ImmutableArray<string> _prefixes;
    private readonly ImmutableArray<string> _suffixes;

    /// <summary>Compiles patterns.</summary>
    /// <param name="patterns">As Istio writes them.</param>
    /// <param name="more">Names besides.</param>
    public HeaderPatterns(EquatableArray<string> patterns, params IEnumerable<string> more)
    {
        _suffixes = [.. patterns.Where(pattern => pattern.StartsWith('*')).Select(pattern => pattern[1..])];
        _prefixes = [.. patterns.Where(pattern => !pattern.StartsWith('*') && pattern.EndsWith('*')).Select(pattern => pattern[..^1])];
        _names = patterns.Where(pattern => !pattern.StartsWith('*') && !pattern.EndsWith('*')).Concat(more)
            .ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Whether a name is one of them.</summary>
    public bool Has(string name)
    {
        if (_names.Contains(name))
        {
            return true;
        }

        foreach (var prefix in _prefixes)
        {
            if (name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        foreach (var suffix in _suffixes)
        {
            if (name.EndsWith(suffix, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
