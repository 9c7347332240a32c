using Gateway.Requests;
using Istio.Re2;

namespace Gateway.Routing;

/// <summary>Changes path and authority of a request before it is forwarded.</summary>
internal abstract class Rewrite
{
    private const string OriginalPath = "x-envoy-original-path";

    /// <summary>The new authority; null keeps the request's.</summary>
    public string? Authority { get; init; }

    /// <summary>The path that takes the place of a path without query.</summary>
    public abstract string PathOf(string path);

    /// <summary>Changes the path, and says in <c>x-envoy-original-path</c> what it was, query included.</summary>
    /// <remarks>Envoy, source/common/router/config_impl.cc, <c>finalizePathHeader</c>.</remarks>
    public void ApplyToPath(RequestHead request)
    {
        if (!ChangesPath)
        {
            return;
        }

        request.Headers[OriginalPath] = request.Query.Length == 0 ? request.Path : request.Path + request.Query;
        request.Path = PathOf(request.Path);
    }

    /// <summary>False when only the authority changes.</summary>
    protected virtual bool ChangesPath => true;
}

/// <summary>Changes the authority only.</summary>
internal sealed class AuthorityRewrite : Rewrite
{
    public override string PathOf(string path) => path;

    protected override bool ChangesPath => false;

    public override string ToString() => "";
}

/// <summary>Replaces the matched beginning of the path, or all of it.</summary>
/// <param name="replacement">What takes its place.</param>
/// <param name="prefixLength">Length of the prefix that the route matches; null when it matches whole paths.</param>
internal sealed class PrefixRewrite(string replacement, int? prefixLength) : Rewrite
{
    public override string PathOf(string path) =>
        prefixLength is { } length && length < path.Length ? string.Concat(replacement, path.AsSpan(length)) : replacement;

    public override string ToString() => replacement;
}

/// <summary>Replaces what a regular expression matches in the path.</summary>
internal sealed class RegexRewrite(Re2Rewrite rewrite) : Rewrite
{
    public override string PathOf(string path) => rewrite.Replace(path);

    public override string ToString() => $"{rewrite.Pattern} -> {rewrite.Substitution}";
}
