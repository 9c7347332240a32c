using System.Text.RegularExpressions;

namespace Gateway.Ingress;

/// <summary>
/// Any other Ingress path: a .NET regular expression with PCRE's meaning. Linear time where the pattern allows, else with a limit
/// that stands for PCRE's match limit.
/// </summary>
internal sealed class RegexPattern : PathPattern
{
    /// <summary>How long one match may backtrack. PCRE stops after ten million steps, about as long; nginx then answers 500.</summary>
    internal static readonly TimeSpan MatchTimeout = TimeSpan.FromSeconds(1);

    private readonly Regex _location;
    private readonly Regex _rewrite;
    private readonly IReadOnlyDictionary<string, int> _names;

    private RegexPattern(Regex location, Regex rewrite, int groups, IReadOnlyDictionary<string, int> names)
    {
        _location = location;
        _rewrite = rewrite;
        _names = names;
        Groups = groups;
    }

    public override int Groups { get; }

    /// <summary>Compiles any pattern.</summary>
    /// <exception cref="PcreException">No valid PCRE, or not supported.</exception>
    public static new RegexPattern Compile(string path)
    {
        var (pattern, groups, names) = PcreTranslator.Translate(path);
        return new RegexPattern(Create("^" + pattern), Create(pattern), groups, names);
    }

    public override int GroupNumber(string name) => _names.GetValueOrDefault(name);

    public override bool IsLocationOf(ReadOnlySpan<byte> path) => _location.IsMatch(ByteAlphabet.Map(path));

    public override bool TryMatch(ReadOnlySpan<byte> path, ref PathMatch match)
    {
        var result = _rewrite.Match(ByteAlphabet.Map(path));
        for (var group = 1; result.Success && group <= Math.Min(Groups, PathMatch.MaxGroups); group++)
        {
            var capture = result.Groups[group];
            match.Set(group, capture.Index, capture.Index + capture.Length);
        }

        return result.Success;
    }

    private static Regex Create(string pattern)
    {
        const RegexOptions Options = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant;
        try
        {
            return new Regex(pattern, Options | RegexOptions.NonBacktracking, MatchTimeout);
        }
        catch (NotSupportedException)
        {
            return new Regex(pattern, Options, MatchTimeout);
        }
        catch (RegexParseException exception)
        {
            throw new PcreException(0, exception.Message);
        }
    }
}
