using System.Collections.Immutable;

namespace Gateway.Policies.ExternalAuthorization;

/// <summary>A change of a query's parameters. What is changed is written anew, in the order of the parameters' names.</summary>
/// <remarks>envoyproxy/envoy source/common/http/utility.cc, QueryParamsMulti</remarks>
/// <param name="Set">Parameters that take the place of those of their name, as they stand in a query.</param>
/// <param name="Remove">Names of parameters that are taken out.</param>
internal sealed record QueryMutation(ImmutableArray<KeyValuePair<string, string>> Set, ImmutableArray<string> Remove)
{
    /// <summary>A query with the change.</summary>
    /// <param name="query">Empty, or the query with its question mark.</param>
    public string Apply(string query)
    {
        var parameters = query.Length == 0
            ? []
            : query[1..].Split('&', StringSplitOptions.RemoveEmptyEntries).Select(Split)
                .Where(parameter => !Set.Any(set => set.Key == parameter.Key) && !Remove.Contains(parameter.Key)).ToList();
        parameters.AddRange(Set.Where(set => !Remove.Contains(set.Key)));
        return parameters.Count == 0
            ? ""
            : "?" + string.Join('&', parameters.OrderBy(parameter => parameter.Key, StringComparer.Ordinal)
                .Select(parameter => $"{parameter.Key}={parameter.Value}"));
    }

    private static KeyValuePair<string, string> Split(string parameter)
    {
        var equals = parameter.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? new(parameter, "") : new(parameter[..equals], parameter[(equals + 1)..]);
    }
}
