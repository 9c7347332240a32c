using System.Text;
using System.Text.Json;
using Conformance.Cases;

namespace Conformance.Targets;

/// <summary>What a request tells the standing endpoints of its case, in the header <see cref="Header"/>.</summary>
/// <param name="Run">Names the run of the case, in which every endpoint counts its requests.</param>
/// <param name="Step">The step.</param>
/// <param name="Endpoints">The endpoints' names, in the order of their ports.</param>
/// <param name="Replies">What each of them answers, in turn.</param>
internal sealed record TargetScript(string Run, int Step, string[] Endpoints, Dictionary<string, List<Reply>> Replies)
{
    /// <summary>The header of a request that carries the script.</summary>
    public const string Header = "x-conformance-script";

    /// <summary>The header of a response that says what the endpoint has received, in base64.</summary>
    public const string RequestHeader = "x-conformance-request";

    /// <summary>The header of a response that says how many requests the endpoints have seen in the step: <c>ping-1=2,ping-2=1</c>.</summary>
    public const string SeenHeader = "x-conformance-seen";

    /// <summary>The script as a header's value.</summary>
    public override string ToString() => Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(this));

    /// <summary>Reads a header's value.</summary>
    public static TargetScript Parse(string text) =>
        JsonSerializer.Deserialize<TargetScript>(Encoding.UTF8.GetString(Convert.FromBase64String(text)))
        ?? throw new InvalidDataException($"The header {Header} is empty.");
}
