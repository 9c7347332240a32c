using Gateway.Tests.Support;

namespace Conformance;

/// <summary>What the cases are run against.</summary>
internal interface IGateway : IAsyncDisposable
{
    /// <summary>Sends a request to a door and reads the whole response.</summary>
    /// <param name="door"><c>istio</c>, <c>ingress</c> or <c>mesh</c>.</param>
    /// <param name="request">The request as bytes in Latin-1.</param>
    Task<RawResponse> SendAsync(string door, string request);

    /// <summary>Puts documents in the place of those applied before, and waits until they are in force.</summary>
    Task ApplyAsync(string yaml);

    /// <summary>Envoy's response flags of the next requests that end, in the order of their ends; <c>-</c> for none.</summary>
    /// <param name="count">How many requests.</param>
    Task<IReadOnlyList<string>> FlagsAsync(int count);
}
