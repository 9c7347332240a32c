using Gateway.Tests.Support;

namespace Conformance;

/// <summary>What the cases are run against.</summary>
internal interface IGateway : IAsyncDisposable
{
    /// <summary>A header that tells requests apart whose flags are asked for.</summary>
    const string IdHeader = "x-conformance-id";

    /// <summary>Sends a request to a door and reads the whole response.</summary>
    /// <param name="door"><c>istio</c>, <c>ingress</c> or <c>mesh</c>.</param>
    /// <param name="request">The request as bytes in Latin-1.</param>
    /// <param name="serverName">For TLS; null without.</param>
    Task<RawResponse> SendAsync(string door, string request, string? serverName);

    /// <summary>Puts documents in the place of those applied before, and waits until they are in force.</summary>
    Task ApplyAsync(string yaml);

    /// <summary>Envoy's response flags of a request that has been answered; <c>-</c> for none.</summary>
    /// <param name="id">The request's header <see cref="IdHeader"/>.</param>
    Task<string> FlagsAsync(string id);
}
