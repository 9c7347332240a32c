using System.Collections.Immutable;
using Gateway.Requests;

namespace Gateway.Routing;

/// <summary>The routes of some domains, in the order in which they are tried.</summary>
internal sealed class VirtualHost
{
    private readonly RouteIndex _index;

    /// <summary>Makes a virtual host.</summary>
    /// <param name="name">Istio's name, such as <c>example.com:80</c>.</param>
    /// <param name="domains">Host names, <c>*</c> or names that begin with <c>*</c>.</param>
    /// <param name="routes">The routes; the first that matches wins.</param>
    public VirtualHost(string name, ImmutableArray<string> domains, ImmutableArray<Route> routes)
    {
        Name = name;
        Domains = domains;
        Routes = routes;
        _index = new RouteIndex(routes);
    }

    /// <summary>Istio's name, such as <c>example.com:80</c>.</summary>
    public string Name { get; }

    /// <summary>Host names, <c>*</c> or names that begin with <c>*</c>.</summary>
    public ImmutableArray<string> Domains { get; }

    /// <summary>The routes, in order.</summary>
    public ImmutableArray<Route> Routes { get; }

    /// <summary>Whether every plain request is redirected to HTTPS (<c>httpsRedirect</c> of a Gateway's server).</summary>
    public bool RequiresTls { get; init; }

    /// <summary>The first route that matches; null when none does.</summary>
    public Route? Find(RequestHead request) =>
        RequiresTls && request.Scheme != "https" ? Route.ToHttps : _index.Find(request);
}
