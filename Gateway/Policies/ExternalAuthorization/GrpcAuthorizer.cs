using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Gateway.Clusters;
using Gateway.Policies.ExternalAuthorization.Messages;
using Gateway.Requests;
using Google.Protobuf;
using HttpRequest = Gateway.Policies.ExternalAuthorization.Messages.HttpRequest;

namespace Gateway.Policies.ExternalAuthorization;

/// <summary>An authorizer that implements <c>envoy.service.auth.v3.Authorization</c>.</summary>
/// <remarks>
/// envoyproxy/envoy source/extensions/filters/common/ext_authz/ext_authz_grpc_impl.cc and check_request_utils.cc. Messages are framed as in
/// https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md.
/// </remarks>
internal sealed class GrpcAuthorizer : ExternalAuthorizer
{
    private const string Check = "/envoy.service.auth.v3.Authorization/Check";
    private const int PrefixLength = 5;

    private long _asked;

    /// <summary>Makes an authorizer.</summary>
    public GrpcAuthorizer(string name, ClusterKey cluster)
        : base(name, cluster)
    {
    }

    /// <inheritdoc/>
    public override string Kind => "grpc";

    /// <inheritdoc/>
    public override FilterCall Ask(RequestHead request, BufferedBody? body, string protocol)
    {
        var headers = new HeaderDictionary { ["content-type"] = "application/grpc", ["te"] = "trailers" };
        AddOwn(headers);
        return new FilterCall("POST", Check, Cluster.Host, headers, Frame(Message(request, body, protocol)), Timeout);
    }

    /// <inheritdoc/>
    public override CheckVerdict Read(FilterCallResponse response)
    {
        if (response.Status != StatusCodes.Status200OK || response.GrpcStatus != 0 || Unframe(response.Body) is not { } message)
        {
            return CheckVerdict.Failed;
        }

        try
        {
            return Read(CheckResponse.Parser.ParseFrom(message.Span));
        }
        catch (InvalidProtocolBufferException)
        {
            return CheckVerdict.Failed;
        }
    }

    private static CheckVerdict Read(CheckResponse response) => response switch
    {
        { Status: null or { Code: 0 } } => Allow(response.OkResponse ?? new OkHttpResponse()),
        { ErrorResponse: { } error } => Answer(CheckStatus.Failed, error),
        { DeniedResponse: { } denied } => Answer(CheckStatus.Denied, denied),
        _ => Answer(CheckStatus.Denied, new DeniedHttpResponse()),
    };

    private static CheckVerdict Answer(CheckStatus status, DeniedHttpResponse answer) => new(status)
    {
        Code = answer.Status is { Code: > 0 and var code } ? code : status == CheckStatus.Denied ? StatusCodes.Status403Forbidden : 0,
        Body = Encoding.UTF8.GetBytes(answer.Body),
        Headers = [.. answer.Headers.Where(header => header.Header is not null)
            .Select(header => new HeaderMutation(header.Header.Key, header.Header.Value, HeaderAction.Add))],
    };

    private static CheckVerdict Allow(OkHttpResponse response) => new(CheckStatus.Allowed)
    {
        // Whoever says nothing of appending means, as the API documents it, that a request's header is replaced and a response's added.
        Headers = [.. response.Headers.Where(header => header.Header is not null).Select(header => Mutation(header, HeaderAction.Set))],
        ResponseHeaders = [.. response.ResponseHeadersToAdd.Where(header => header.Header is not null)
            .Select(header => Mutation(header, HeaderAction.Add))],
        Remove = [.. response.HeadersToRemove],
        Query = response.QueryParametersToSet.Count + response.QueryParametersToRemove.Count == 0
            ? null
            : new QueryMutation(
                [.. response.QueryParametersToSet.Select(parameter => KeyValuePair.Create(parameter.Key, parameter.Value))],
                [.. response.QueryParametersToRemove]),
    };

    private static HeaderMutation Mutation(HeaderValueOption option, HeaderAction otherwise) => new(option.Header.Key, option.Header.Value,
        (option.Append, option.AppendAction) switch
        {
            (true, _) => otherwise == HeaderAction.Set ? HeaderAction.AppendIfExists : HeaderAction.Add,
            (false, _) => HeaderAction.Set,
            (_, HeaderValueOption.Types.HeaderAppendAction.AddIfAbsent) => HeaderAction.AddIfAbsent,
            (_, HeaderValueOption.Types.HeaderAppendAction.OverwriteIfExistsOrAdd) => HeaderAction.Set,
            (_, HeaderValueOption.Types.HeaderAppendAction.OverwriteIfExists) => HeaderAction.SetIfExists,
            _ => otherwise,
        });

    private CheckRequest Message(RequestHead request, BufferedBody? body, string protocol)
    {
        var http = new HttpRequest
        {
            Id = Interlocked.Increment(ref _asked).ToString(CultureInfo.InvariantCulture),
            Method = request.Method,
            Path = request.Path + request.Query,
            Host = request.Authority,
            Scheme = request.Scheme,
            Size = body?.Bytes.Length ?? 0,
            Protocol = protocol,
        };
        AddHeaders(request, http);
        MarkPart(body, (name, value) => http.Headers[name] = value);
        if (Body is { IsRaw: true })
        {
            http.RawBody = ByteString.CopyFrom(PartOf(body).Span);
        }
        else
        {
            http.Body = Encoding.UTF8.GetString(PartOf(body).Span);
        }

        return new CheckRequest
        {
            Attributes = new AttributeContext
            {
                Source = PeerAt(request.SourceAddress, request.SourcePort),
                Destination = PeerAt(request.DestinationAddress, request.DestinationPort),
                Request = new Request { Http = http },
            },
        };
    }

    private static void AddHeaders(RequestHead request, HttpRequest http)
    {
        http.Headers[":authority"] = request.Authority;
        http.Headers[":method"] = request.Method;
        http.Headers[":path"] = request.Path + request.Query;
        http.Headers[":scheme"] = request.Scheme;
        foreach (var (name, values) in request.Headers)
        {
            if (!IsOwn(name) && name[0] != ':' && !string.Equals(name, "host", StringComparison.OrdinalIgnoreCase))
            {
                http.Headers[name.ToLowerInvariant()] = string.Join(',', values.ToArray());
            }
        }
    }

    private static Peer PeerAt(System.Net.IPAddress? address, int port) => new()
    {
        Address = new Address { SocketAddress = new SocketAddress { Address = $"{address}", PortValue = (uint)port } },
    };

    private static byte[] Frame(CheckRequest message)
    {
        var length = message.CalculateSize();
        var frame = new byte[PrefixLength + length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), length);
        message.WriteTo(frame.AsSpan(PrefixLength));
        return frame;
    }

    /// <summary>The one message of a response; null when there is none, or one that is compressed though nobody asked for that.</summary>
    private static ReadOnlyMemory<byte>? Unframe(ReadOnlyMemory<byte> body) =>
        body.Length >= PrefixLength && body.Span[0] == 0
        && BinaryPrimitives.ReadUInt32BigEndian(body.Span[1..]) == body.Length - PrefixLength
            ? body[PrefixLength..]
            : default(ReadOnlyMemory<byte>?);
}
