using System.Buffers;
using System.Net;
using Gateway.Requests;

namespace Gateway.AccessLogs;

/// <summary>Writes a value; false when there is none, and then writes nothing.</summary>
internal delegate bool AccessLogValue(RequestSummary summary, IBufferWriter<byte> output);

/// <summary>One of Envoy's command operators, such as <c>%RESPONSE_CODE%</c>.</summary>
/// <param name="Write">Writes its value.</param>
/// <param name="IsNumber">Whether the value is a number in JSON.</param>
/// <remarks>https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage#command-operators</remarks>
internal sealed record AccessLogOperator(AccessLogValue Write, bool IsNumber = false)
{
    private static readonly SearchValues<char> Spaces = SearchValues.Create(" \t\n\v\f\r");

    /// <summary>The operator of a command, which is what stands between the percent signs.</summary>
    /// <exception cref="FormatException">There is no such command here.</exception>
    public static AccessLogOperator Parse(string command)
    {
        var parenthesis = command.IndexOf('(', StringComparison.Ordinal);
        if (parenthesis < 0)
        {
            return Of(command) ?? throw new FormatException($"There is no operator %{command}%.");
        }

        if (!command.EndsWith(')'))
        {
            throw new FormatException($"The operator %{command}% has no closing parenthesis.");
        }

        // Pseudo-headers are in lower case; for other headers it does not matter.
        var names = command[(parenthesis + 1)..^1].ToLowerInvariant().Split('?');
        var (first, second) = (names[0], names.Length > 1 ? names[1] : null);
        return command[..parenthesis] switch
        {
            "REQ" => new((summary, output) => WriteRequestHeader(summary.Request, first, output)
                || (second is not null && WriteRequestHeader(summary.Request, second, output))),
            "RESP" => new((summary, output) => WriteHeader(summary.ResponseHeaders, first, output)
                || (second is not null && WriteHeader(summary.ResponseHeaders, second, output))),
            var name => throw new FormatException($"There is no operator %{name}(...)%."),
        };
    }

    private static AccessLogOperator? Of(string command) => command switch
    {
        "START_TIME" => new(static (summary, output) =>
        {
            output.Append(summary.StartTime);
            return true;
        }),
        "PROTOCOL" => Text(static summary => summary.Protocol),
        "RESPONSE_CODE" => Number(static summary => summary.Status),
        "RESPONSE_FLAGS" => Text(static summary => summary.Flags == ResponseFlags.None ? null : summary.Flags.ToText()),
        "RESPONSE_CODE_DETAILS" => Text(static summary => WithoutSpaces(summary.Details)),
        "CONNECTION_TERMINATION_DETAILS" => Text(static summary => summary.TerminationDetails),
        "UPSTREAM_TRANSPORT_FAILURE_REASON" => Text(static summary => summary.TransportFailure),
        "BYTES_RECEIVED" => Number(static summary => summary.BytesReceived),
        "BYTES_SENT" => Number(static summary => summary.BytesSent),
        "DURATION" => Number(static summary => (long)summary.Duration.TotalMilliseconds),
        "UPSTREAM_HOST" => Text(static summary => summary.UpstreamHost),
        "UPSTREAM_CLUSTER" or "UPSTREAM_CLUSTER_RAW" => Text(static summary => summary.UpstreamCluster),
        "UPSTREAM_LOCAL_ADDRESS" => Address(static summary => summary.UpstreamLocalAddress),
        "DOWNSTREAM_LOCAL_ADDRESS" => Address(static summary => summary.DownstreamLocalAddress),
        "DOWNSTREAM_REMOTE_ADDRESS" => Address(static summary => summary.DownstreamRemoteAddress),
        "REQUESTED_SERVER_NAME" => Text(static summary => summary.Request.ServerName),
        "ROUTE_NAME" => Text(static summary => summary.RouteName),
        "UPSTREAM_REQUEST_ATTEMPT_COUNT" => Number(static summary => summary.Attempts),
        _ => null,
    };

    private static AccessLogOperator Text(Func<RequestSummary, string?> value) => new((summary, output) =>
    {
        if (value(summary) is not { Length: > 0 } text)
        {
            return false;
        }

        output.Append(text);
        return true;
    });

    private static AccessLogOperator Number(Func<RequestSummary, long> value) => new((summary, output) =>
    {
        output.Append(value(summary));
        return true;
    }, IsNumber: true);

    private static AccessLogOperator Address(Func<RequestSummary, IPEndPoint?> value) => new((summary, output) =>
    {
        if (value(summary) is not { } endpoint)
        {
            return false;
        }

        output.Append(endpoint);
        return true;
    });

    private static bool WriteRequestHeader(RequestHead request, string name, IBufferWriter<byte> output)
    {
        if (name == ":path")
        {
            // Apart, so that path and query need not be joined.
            output.Append(request.Path);
            output.Append(request.Query);
            return true;
        }

        if (RequestHeader.Find(request, name) is not { } value)
        {
            return false;
        }

        output.Append(value);
        return true;
    }

    private static bool WriteHeader(IHeaderDictionary? headers, string name, IBufferWriter<byte> output)
    {
        if (headers is null || !headers.TryGetValue(name, out var values) || values.Count == 0)
        {
            return false;
        }

        // Envoy logs the first of several.
        output.Append(values[0] ?? "");
        return true;
    }

    /// <summary>Readers of logs divide a line at its spaces.</summary>
    private static string? WithoutSpaces(string? details) =>
        details is null || !details.AsSpan().ContainsAny(Spaces)
            ? details
            : string.Concat(details.Select(character => char.IsWhiteSpace(character) ? '_' : character));
}
