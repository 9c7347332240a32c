using System.Collections.Immutable;
using Gateway.Requests;
using Microsoft.Net.Http.Headers;

namespace Gateway.Policies.ExternalAuthorization;

/// <summary>What an external authorizer says of a request.</summary>
internal enum CheckStatus
{
    /// <summary>It may go on.</summary>
    Allowed,

    /// <summary>It may not.</summary>
    Denied,

    /// <summary>Nothing: the authorizer could not be asked, or failed.</summary>
    Failed,
}

/// <summary>How a header is put among others.</summary>
internal enum HeaderAction
{
    /// <summary>It takes the place of those of its name.</summary>
    Set,

    /// <summary>It joins those of its name.</summary>
    Add,

    /// <summary>It is appended to one of its name with a comma, and is nothing without one.</summary>
    AppendIfExists,

    /// <summary>It is nothing where there is one of its name.</summary>
    AddIfAbsent,

    /// <summary>It takes the place of those of its name, and is nothing without one.</summary>
    SetIfExists,
}

/// <summary>A change of a header.</summary>
internal readonly record struct HeaderMutation(string Name, string Value, HeaderAction Action)
{
    /// <summary>Changes headers.</summary>
    public void Apply(IHeaderDictionary headers)
    {
        var exists = headers.ContainsKey(Name);
        switch (Action)
        {
            case HeaderAction.Set:
            case HeaderAction.SetIfExists when exists:
            case HeaderAction.AddIfAbsent when !exists:
                headers[Name] = Value;
                break;
            case HeaderAction.Add:
                headers.Append(Name, Value);
                break;
            case HeaderAction.AppendIfExists when exists:
                headers[Name] = $"{headers[Name]},{Value}";
                break;
        }
    }
}

/// <summary>What an external authorizer says, and what is to become of the request or its answer.</summary>
/// <remarks>envoyproxy/envoy source/extensions/filters/common/ext_authz/ext_authz.h</remarks>
internal sealed record CheckVerdict(CheckStatus Status)
{
    /// <summary>Nothing is known.</summary>
    public static CheckVerdict Failed { get; } = new(CheckStatus.Failed);

    /// <summary>Changes of the request's headers; of the answer's when it is denied.</summary>
    public ImmutableArray<HeaderMutation> Headers { get; init; } = [];

    /// <summary>Headers that are taken out of the request.</summary>
    public ImmutableArray<string> Remove { get; init; } = [];

    /// <summary>Changes of the headers of the response that the request will get.</summary>
    public ImmutableArray<HeaderMutation> ResponseHeaders { get; init; } = [];

    /// <summary>Parameters of the query that are set, and those that are taken out.</summary>
    public QueryMutation? Query { get; init; }

    /// <summary>The status of the answer; 0 for the usual one.</summary>
    public int Code { get; init; }

    /// <summary>The body of the answer.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Changes a request that is allowed.</summary>
    public void Apply(RequestHead request)
    {
        foreach (var mutation in Headers)
        {
            if (mutation.Name is ":authority" || string.Equals(mutation.Name, HeaderNames.Host, StringComparison.OrdinalIgnoreCase))
            {
                request.Authority = mutation.Value;
            }
            else if (!IsFixed(mutation.Name))
            {
                mutation.Apply(request.Headers);
            }
        }

        foreach (var name in Remove)
        {
            if (!IsFixed(name))
            {
                request.Headers.Remove(name);
            }
        }

        if (Query is not null)
        {
            request.Query = Query.Apply(request.Query);
        }
    }

    /// <summary>What a request cannot be without, or what frames its body.</summary>
    private static bool IsFixed(string name) => name.Length == 0 || name[0] == ':'
        || string.Equals(name, HeaderNames.Host, StringComparison.OrdinalIgnoreCase)
        || string.Equals(name, HeaderNames.ContentLength, StringComparison.OrdinalIgnoreCase)
        || string.Equals(name, HeaderNames.TransferEncoding, StringComparison.OrdinalIgnoreCase);
}
