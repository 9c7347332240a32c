using Gateway.Tests.Support;

namespace Conformance;

/// <summary>A response of the gateway.</summary>
/// <param name="Response">The response.</param>
/// <param name="Flags">Envoy's response flags, such as <c>UF,URX</c>; <c>-</c> for none.</param>
internal sealed record GatewayResponse(RawResponse Response, Func<Task<string>> Flags);

/// <summary>What the cases are run against.</summary>
internal interface IGateway : IAsyncDisposable
{
    /// <summary>Sends a request to a door and reads the whole response.</summary>
    /// <param name="door"><c>istio</c>, <c>ingress</c> or <c>mesh</c>.</param>
    /// <param name="request">The request as bytes in Latin-1.</param>
    Task<RawResponse> SendAsync(string door, string request);

    /// <summary>Puts documents in the place of those applied before, and waits until they are in force.</summary>
    Task ApplyAsync(string yaml);

    /// <summary>Envoy's response flags of the requests that have ended since the last call, in the order of their ends.</summary>
    /// <param name="count">How many there were.</param>
    Task<IReadOnlyList<string>> FlagsAsync(int count);
}
