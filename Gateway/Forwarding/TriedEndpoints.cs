using Gateway.Registry;

namespace Gateway.Forwarding;

/// <summary>Chooses the endpoint for each try of one request. A mutable value, kept on the request's stack.</summary>
internal struct TriedEndpoints
{
    private ServiceEndpoint? _first;
    private ServiceEndpoint? _second;

    /// <summary>The endpoint whose turn it is, or the next one behind it that was not tried yet, if there is any.</summary>
    public ServiceEndpoint Next(ServicePort service)
    {
        var endpoints = service.Endpoints;
        var turn = service.Turn.Next(endpoints.Length);
        var endpoint = endpoints[turn];
        for (var i = 1; i < endpoints.Length && IsTried(endpoint); i++)
        {
            endpoint = endpoints[(turn + i) % endpoints.Length];
        }

        (_first, _second) = (endpoint, _first);
        return endpoint;
    }

    private readonly bool IsTried(ServiceEndpoint endpoint) => ReferenceEquals(endpoint, _first) || ReferenceEquals(endpoint, _second);
}
