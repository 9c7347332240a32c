using System.Diagnostics.CodeAnalysis;

namespace Gateway.Routing;

/// <summary>How paths are normalised before rules look at them: Istio's <c>meshConfig.pathNormalization</c>.</summary>
/// <remarks>
/// https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig-ProxyPathNormalization-NormalizationType; the order of the
/// steps is Envoy's (source/common/http/conn_manager_utility.cc, <c>maybeNormalizePath</c>).
/// </remarks>
internal sealed class PathNormalization
{
    /// <summary>Paths stay as they are.</summary>
    public static readonly PathNormalization None = new("NONE", canonicalizes: false, mergesSlashes: false, decodesSlashes: false);

    /// <summary>Istio's default: dot segments are resolved, unreserved characters decoded, backslashes turned.</summary>
    public static readonly PathNormalization Base = new("BASE", canonicalizes: true, mergesSlashes: false, decodesSlashes: false);

    /// <summary>As <see cref="Base"/>, and several slashes in a row become one.</summary>
    public static readonly PathNormalization MergeSlashes =
        new("MERGE_SLASHES", canonicalizes: true, mergesSlashes: true, decodesSlashes: false);

    /// <summary>As <see cref="MergeSlashes"/>, after <c>%2F</c> and <c>%5C</c> have been decoded.</summary>
    public static readonly PathNormalization DecodeAndMergeSlashes =
        new("DECODE_AND_MERGE_SLASHES", canonicalizes: true, mergesSlashes: true, decodesSlashes: true);

    private readonly bool _canonicalizes;
    private readonly bool _mergesSlashes;
    private readonly bool _decodesSlashes;

    private PathNormalization(string name, bool canonicalizes, bool mergesSlashes, bool decodesSlashes)
    {
        Name = name;
        _canonicalizes = canonicalizes;
        _mergesSlashes = mergesSlashes;
        _decodesSlashes = decodesSlashes;
    }

    /// <summary>The mode's name in the mesh configuration.</summary>
    public string Name { get; }

    /// <summary>The mode of a name; null for a name that is none.</summary>
    public static PathNormalization? Of(string name) => name switch
    {
        "NONE" => None,
        "BASE" or "DEFAULT" => Base,
        "MERGE_SLASHES" => MergeSlashes,
        "DECODE_AND_MERGE_SLASHES" => DecodeAndMergeSlashes,
        _ => null,
    };

    /// <summary>Normalises a request target.</summary>
    /// <param name="target">Path and query as they are on the wire. A fragment is cut off, as Istio configures Envoy.</param>
    /// <param name="path">The normalised path; the same text when nothing changed and there is no query.</param>
    /// <param name="query">The query with its question mark, as it is; empty without one.</param>
    /// <returns>False for a path that Envoy answers with 400: one with <c>%00</c>.</returns>
    public bool TryNormalize(string target, [NotNullWhen(true)] out string? path, out string query)
    {
        var end = target.IndexOf('#');
        var whole = end < 0 ? target : target[..end];
        var mark = whole.IndexOf('?');
        query = mark < 0 ? "" : whole[mark..];
        path = mark < 0 ? whole : whole[..mark];
        if (_decodesSlashes && path.Contains('%'))
        {
            path = path.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase).Replace("%5C", "\\", StringComparison.OrdinalIgnoreCase);
        }

        if (_canonicalizes && !PathCanonicalizer.TryCanonicalize(ref path))
        {
            path = null;
            return false;
        }

        if (_mergesSlashes)
        {
            path = Merge(path);
        }

        return true;
    }

    public override string ToString() => Name;

    private static string Merge(string path)
    {
        while (path.Contains("//", StringComparison.Ordinal))
        {
            path = path.Replace("//", "/", StringComparison.Ordinal);
        }

        return path;
    }
}
