using YamlDotNet.Serialization;

namespace Conformance.Cases;

/// <summary>One case of the table: documents, endpoints that follow a script, requests, and what must come of them.</summary>
internal sealed record ConformanceCase
{
    /// <summary>A sentence that says what holds.</summary>
    public string Name { get; init; } = "";

    /// <summary>Where the rule comes from: a document or source file of Envoy, Istio, nginx, or an RFC.</summary>
    public string Source { get; init; } = "";

    /// <summary>Rows of the reference and fields of resources that the case is there for, by their names in the folder <c>coverage</c>.</summary>
    public List<string> Covers { get; init; } = [];

    /// <summary>Which door the requests knock at: <c>istio</c>, <c>ingress</c> or <c>mesh</c>.</summary>
    public string Door { get; init; } = "istio";

    /// <summary>
    /// The documents under test: whole ones, or a kind and its spec, which then gets the name <c>ping</c> and the namespace
    /// <c>default</c>. A Service and a WorkloadEntry for each endpoint, and an Istio Gateway named <c>door</c> on port 80, are there already.
    /// </summary>
    public List<Dictionary<string, object>> Resources { get; init; } = [];

    /// <summary>In short: the <c>http</c> of a VirtualService for every host at the door, or for ping in the mesh.</summary>
    public List<object> Http { get; init; } = [];

    /// <summary>In short: the <c>trafficPolicy</c> of ping's DestinationRule.</summary>
    public Dictionary<string, object> TrafficPolicy { get; init; } = [];

    /// <summary>The endpoints and their labels. The part of the name before its last dash is the service's. Default: ping-1 to ping-3.</summary>
    public Dictionary<string, Dictionary<string, string>> Endpoints { get; init; } = [];

    /// <summary>Weights of endpoints; 1 unless given.</summary>
    public Dictionary<string, int> Weights { get; init; } = [];

    /// <summary>Endpoints that join later.</summary>
    public List<string> Late { get; init; } = [];

    /// <summary>The protocol of the services' port: <c>http</c>, <c>http2</c> or <c>grpc</c>.</summary>
    public string Protocol { get; init; } = "http";

    /// <summary>What the endpoints answer, in turn; the last reply goes on for ever. <c>*</c> stands for every endpoint not named.</summary>
    public Dictionary<string, List<Reply>> Upstream { get; init; } = [];

    /// <summary>The seed of the case's random numbers.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Instead of steps: a pattern for what is said of documents that are refused.</summary>
    public string? Refused { get; init; }

    /// <summary>What happens, one after the other.</summary>
    public List<Step> Steps { get; init; } = [];

    /// <summary>The file, without folder and extension.</summary>
    [YamlIgnore]
    public string File { get; init; } = "";

    /// <summary>The names of the endpoints.</summary>
    [YamlIgnore]
    public IEnumerable<string> EndpointNames => Endpoints.Count > 0 ? Endpoints.Keys : ["ping-1", "ping-2", "ping-3"];

    /// <summary>The names of the services.</summary>
    [YamlIgnore]
    public IEnumerable<string> Services => EndpointNames.Select(ServiceOf).Distinct();

    /// <summary>The service an endpoint belongs to: its name without the last dash and what follows.</summary>
    public static string ServiceOf(string endpoint) => endpoint[..endpoint.LastIndexOf('-')];

    /// <summary>What an endpoint answers.</summary>
    public List<Reply> ScriptOf(string endpoint) => Upstream.GetValueOrDefault(endpoint) ?? Upstream.GetValueOrDefault("*") ?? [new Reply()];

    public override string ToString() => $"{File}: {Name}";
}

/// <summary>What an endpoint does with a request. A reply that is only a number is its status, one that is only a word is <see cref="Instead"/>.</summary>
internal sealed record Reply
{
    public int Status { get; init; } = 200;

    /// <summary>The body; without one the endpoint's name and the path.</summary>
    public string? Body { get; init; }

    /// <summary>Length of a body whose content does not matter.</summary>
    public int BodySize { get; init; }

    public Dictionary<string, string> Headers { get; init; } = [];

    /// <summary>Virtual time before the answer.</summary>
    public string Delay { get; init; } = "0s";

    /// <summary>
    /// <c>reset</c> or <c>close</c> of the connection instead of an answer, <c>hang</c> for no answer at all, <c>truncate</c> for half a
    /// body and a reset, <c>stall</c> for half a body and nothing more.
    /// </summary>
    public string Instead { get; init; } = "";

    /// <summary>Interim responses before the answer: status and headers of each.</summary>
    public List<Reply> Interim { get; init; } = [];

    /// <summary>Headers behind the body, which is then sent in chunks.</summary>
    public Dictionary<string, string> Trailers { get; init; } = [];

    /// <summary>The status of a gRPC call, in an answer of trailers only.</summary>
    public int? Grpc { get; init; }

    /// <summary>An external authorizer's answer by gRPC: a CheckResponse of envoy.service.auth.v3, in protobuf's JSON.</summary>
    public Dictionary<string, object>? Check { get; init; }
}

/// <summary>One thing that happens: exactly one of <c>send</c>, <c>advance</c>, <c>replace</c> and the words for endpoints is given.</summary>
internal sealed record Step
{
    /// <summary>A request, such as <c>GET /api/v1/ping</c>. In it and its headers <c>${n}</c> is the number of the request in its step.</summary>
    public string? Send { get; init; }

    /// <summary>The Host header; empty for none.</summary>
    public string Host { get; init; } = "ping.example.com";

    public Dictionary<string, string> Headers { get; init; } = [];

    public string Body { get; init; } = "";

    /// <summary>Length of a body whose content does not matter.</summary>
    public int BodySize { get; init; }

    /// <summary>What follows the head as it is, framed by headers that are given.</summary>
    public string Raw { get; init; } = "";

    /// <summary>The server name of a connection with TLS, to the door's TLS port.</summary>
    public string? Tls { get; init; }

    /// <summary>How often the request is sent, one after the other.</summary>
    public int Repeat { get; init; } = 1;

    /// <summary>How many of the requests are under way at once.</summary>
    public int Parallel { get; init; } = 1;

    /// <summary>Whether a request that its endpoint delays does not keep the next one waiting.</summary>
    public bool Overlapping { get; init; }

    /// <summary>How many of those can be at an endpoint at once, where a limit keeps the others waiting for a connection.</summary>
    public int Concurrency { get; init; } = int.MaxValue;

    /// <summary>How many of them are refused at once, so that they must have ended before any time passes.</summary>
    public int Refusals { get; init; }

    public Expectation Expect { get; init; } = new();

    /// <summary>Virtual time that passes.</summary>
    public string? Advance { get; init; }

    /// <summary>Documents that take the place of the resources.</summary>
    public List<Dictionary<string, object>>? Replace { get; init; }

    /// <summary>While the request of this step is under way: documents that take the place of the resources.</summary>
    public List<Dictionary<string, object>>? Meanwhile { get; init; }

    /// <summary>An endpoint that stops listening and resets its connections.</summary>
    public string? Down { get; init; }

    /// <summary>An endpoint that listens again.</summary>
    public string? Up { get; init; }

    /// <summary>An endpoint that accepts no connections any more.</summary>
    public string? Full { get; init; }

    /// <summary>An endpoint whose WorkloadEntry is added.</summary>
    public string? Join { get; init; }

    /// <summary>An endpoint whose WorkloadEntry is removed.</summary>
    public string? Leave { get; init; }
}

/// <summary>What must come of a request. What is not given is not looked at; of repeated requests every one must fit.</summary>
/// <remarks>
/// A text is compared as a whole; behind <c>~ </c> stands a pattern for all of it. A number may have bounds such as <c>8..12</c>, and
/// alternatives separated by <c>|</c>; so may a duration have bounds, such as <c>0s..25ms</c>.
/// </remarks>
internal sealed record Expectation
{
    /// <summary>A status, or several separated by <c>|</c>; <c>broken</c> for a connection that ended before its response did.</summary>
    public string? Status { get; init; }

    /// <summary>The whole body.</summary>
    public string? Body { get; init; }

    /// <summary>Length of the body.</summary>
    public string? BodySize { get; init; }

    /// <summary>Response headers; nothing for a header that must be absent. Several lines are joined by a comma and a space.</summary>
    public Dictionary<string, string?> Headers { get; init; } = [];

    /// <summary>Headers behind the body, likewise.</summary>
    public Dictionary<string, string?> Trailers { get; init; } = [];

    /// <summary>The interim responses before the response: all of them, with status and headers.</summary>
    public List<Expectation>? Interim { get; init; }

    /// <summary>Envoy's response flags, such as <c>UH</c>; <c>-</c> for none.</summary>
    public string? Flags { get; init; }

    /// <summary>
    /// The last request that an endpoint has seen: <c>:method</c>, <c>:path</c>, <c>:body</c>, <c>:trailers</c>, <c>host</c> and other headers.
    /// </summary>
    public Dictionary<string, string?> Upstream { get; init; } = [];

    /// <summary>The last request that the endpoints that are named have seen, likewise.</summary>
    public Dictionary<string, Dictionary<string, string?>> At { get; init; } = [];

    /// <summary>How many requests the endpoints that are named have seen in this step.</summary>
    public Dictionary<string, string> Endpoints { get; init; } = [];

    /// <summary>How many requests all endpoints together have seen in this step.</summary>
    public string? Attempts { get; init; }

    /// <summary>By how many connections those requests came.</summary>
    public Dictionary<string, string> Connections { get; init; } = [];

    /// <summary>How many of these connections no earlier step had used.</summary>
    public Dictionary<string, string> NewConnections { get; init; } = [];

    /// <summary>How many responses of the step had which status.</summary>
    public Dictionary<string, string> Statuses { get; init; } = [];

    /// <summary>What must come of the responses with a status.</summary>
    public Dictionary<string, Expectation> Responses { get; init; } = [];

    /// <summary>How many different bodies the responses had.</summary>
    public string? Distinct { get; init; }

    /// <summary>Virtual time from sending to the end of the response.</summary>
    public string? Took { get; init; }

    /// <summary>How many responses took any virtual time at all.</summary>
    public string? Delayed { get; init; }

    /// <summary>
    /// Counters after the step, by name and some of their labels, such as <c>istio_requests_total{reporter="source",response_code="200"}</c>:
    /// the sum of all that have these.
    /// </summary>
    public Dictionary<string, string> Metrics { get; init; } = [];

    /// <summary>Whether response flags are to be looked at.</summary>
    [YamlIgnore]
    public bool AsksForFlags => Flags is not null || Responses.Values.Any(response => response.Flags is not null);
}
