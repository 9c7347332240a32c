using Gateway.Tests.Support;

namespace Conformance;

/// <summary>What the cases are run against: the gateway of this repository in this process, or any address.</summary>
internal interface IGateway : IAsyncDisposable
{
    /// <summary>Sends a request to a door and reads the whole response.</summary>
    /// <param name="door"><c>istio</c>, <c>ingress</c> or <c>mesh</c>.</param>
    /// <param name="request">The request as bytes in Latin-1.</param>
    Task<RawResponse> SendAsync(string door, string request);

    /// <summary>Puts documents in the place of those applied before, and waits until they are in force.</summary>
    Task ApplyAsync(string yaml);

    /// <summary>Envoy's response flags of the request that ended last.</summary>
    Task<string> FlagsAsync();
}
