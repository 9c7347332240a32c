using System.Text.RegularExpressions;

namespace Gateway.Ingress;

/// <summary>
/// A compiled Ingress path of a host in regular-expression mode. nginx tests it twice: the location anchored at the start of the
/// decoded path, the rewrite anywhere in it.
/// </summary>
internal abstract class PathPattern
{
    /// <summary>Compiles a path.</summary>
    /// <param name="path">The Ingress path, a PCRE pattern.</param>
    /// <exception cref="PcreException">The pattern is no valid PCRE, or it uses a construct this gateway does not execute.</exception>
    public static PathPattern Compile(string path) => SlicingPattern.TryCompile(path) ?? (PathPattern)RegexPattern.Compile(path);

    /// <summary>Number of capturing groups.</summary>
    public abstract int Groups { get; }

    /// <summary>The number of a named group, or 0.</summary>
    public virtual int GroupNumber(string name) => 0;

    /// <summary>Whether <c>location ~* "^path"</c> takes the path.</summary>
    /// <exception cref="RegexMatchTimeoutException">The pattern backtracks without end; nginx answers 500.</exception>
    public abstract bool IsLocationOf(ReadOnlySpan<byte> path);

    /// <summary>Whether <c>rewrite "(?i)path"</c> finds a match, and its groups.</summary>
    /// <exception cref="RegexMatchTimeoutException">The pattern backtracks without end; nginx answers 500.</exception>
    public abstract bool TryMatch(ReadOnlySpan<byte> path, ref PathMatch match);
}
