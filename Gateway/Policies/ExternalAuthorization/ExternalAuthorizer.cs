using System.Globalization;
using System.Net;
using Gateway.Clusters;
using Gateway.Requests;
using Istio.MeshConfiguration;

namespace Gateway.Policies.ExternalAuthorization;

/// <summary>How much of a request's body an authorizer gets.</summary>
/// <param name="MaxBytes">The most bytes.</param>
/// <param name="AllowsPartial">Whether a longer body is cut off there.</param>
/// <param name="IsRaw">Whether gRPC gets it as bytes.</param>
internal sealed record CheckedBody(int MaxBytes, bool AllowsPartial, bool IsRaw)
{
    // Envoy's buffer limit of a stream, which only a check that takes no part of a body sets to its own.
    private const int BufferLimit = 1024 * 1024;

    /// <summary>After how many bytes there is nothing to wait for.</summary>
    public int Enough => AllowsPartial ? Math.Min(MaxBytes, BufferLimit + 1) : MaxBytes == int.MaxValue ? MaxBytes : MaxBytes + 1;

    /// <summary>Whether there is more than may be held, so that the request is answered with 413.</summary>
    public bool IsTooLarge(in BufferedBody body) => AllowsPartial ? body.Bytes.Length > BufferLimit && MaxBytes > BufferLimit
        : body.Bytes.Length > MaxBytes;

    /// <summary>Reads the settings; null for none.</summary>
    public static CheckedBody? Of(EnvoyExternalAuthorizationRequestBody? body) => body is null ? null : new(
        (int)Math.Min(body.MaxRequestBytes ?? 0, int.MaxValue), body.AllowPartialMessage == true, body.PackAsBytes == true);
}

/// <summary>What external authorizers have in common, whatever they are asked by.</summary>
/// <remarks>
/// Istio pilot/pkg/security/authz/builder/extauthz.go; envoyproxy/envoy source/extensions/filters/http/ext_authz/ext_authz.cc and
/// source/extensions/filters/common/ext_authz.
/// </remarks>
internal abstract class ExternalAuthorizer
{
    private const string PartialBody = "x-envoy-auth-partial-body";
    private const string ForwardedFor = "x-forwarded-for";

    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(600);
    private static readonly string OwnAddress = IPAddress.Loopback.ToString();

    /// <summary>Makes an authorizer.</summary>
    /// <param name="name">The provider's name.</param>
    /// <param name="cluster">The cluster of its service.</param>
    protected ExternalAuthorizer(string name, ClusterKey cluster) => (Name, Cluster) = (name, cluster);

    /// <summary>The provider's name.</summary>
    public string Name { get; }

    /// <summary>The cluster of its service.</summary>
    public ClusterKey Cluster { get; }

    /// <summary>How it is asked: <c>http</c> or <c>grpc</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>How long its answer may take.</summary>
    public TimeSpan Timeout { get; private init; } = DefaultTimeout;

    /// <summary>Whether requests are allowed when it fails.</summary>
    public bool FailsOpen { get; private init; }

    /// <summary>The status of the answer when it fails and requests are not allowed then.</summary>
    public int StatusOnError { get; private init; } = StatusCodes.Status403Forbidden;

    /// <summary>What it gets of a request's body; null for nothing.</summary>
    public CheckedBody? Body { get; private init; }

    /// <summary>An authorizer from its configuration, which has no fault.</summary>
    /// <param name="provider">The configuration.</param>
    /// <param name="cluster">The cluster of its service.</param>
    public static ExternalAuthorizer Of(MeshExtensionProvider provider, ClusterKey cluster) =>
        provider.EnvoyExtAuthzHttp is { } http
            ? new HttpAuthorizer(provider.Name!, cluster, http)
            {
                Timeout = http.Timeout?.Value ?? DefaultTimeout,
                FailsOpen = http.FailOpen == true,
                StatusOnError = StatusOf(http.StatusOnError),
                Body = CheckedBody.Of(http.IncludeRequestBodyInCheck),
            }
            : Of(provider.Name!, cluster, provider.EnvoyExtAuthzGrpc!);

    private static GrpcAuthorizer Of(string name, ClusterKey cluster, EnvoyExternalAuthorizationGrpcProvider grpc) =>
        new(name, cluster)
        {
            Timeout = grpc.Timeout?.Value ?? DefaultTimeout,
            FailsOpen = grpc.FailOpen == true,
            StatusOnError = StatusOf(grpc.StatusOnError),
            Body = CheckedBody.Of(grpc.IncludeRequestBodyInCheck),
        };

    /// <summary>The request that asks for one request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="body">What there is of its body; null without one, or where it is not asked for.</param>
    /// <param name="protocol">The request's protocol.</param>
    public abstract FilterCall Ask(RequestHead request, BufferedBody? body, string protocol);

    /// <summary>What a response means.</summary>
    public abstract CheckVerdict Read(FilterCallResponse response);

    /// <summary>The part of a body that it gets.</summary>
    protected ReadOnlyMemory<byte> PartOf(BufferedBody? body) =>
        body is { } all && Body is { } settings ? all.Bytes[..Math.Min(all.Bytes.Length, settings.MaxBytes)] : default;

    /// <summary>Says with the headers of a check whether there is more of the body.</summary>
    protected void MarkPart(BufferedBody? body, Action<string, string> add)
    {
        if (body is { } all)
        {
            add(PartialBody, PartOf(body).Length == all.Bytes.Length ? "false" : "true");
        }
    }

    /// <summary>Whether a header says something that only this gateway may say.</summary>
    protected static bool IsOwn(string name) => string.Equals(name, PartialBody, StringComparison.OrdinalIgnoreCase);

    /// <summary>What Envoy's own client adds to a request (source/common/http/async_client_impl.cc).</summary>
    protected static void AddOwn(IHeaderDictionary headers)
    {
        headers["x-envoy-internal"] = "true";
        headers[ForwardedFor] = headers[ForwardedFor].Count == 0 ? OwnAddress : $"{headers[ForwardedFor]},{OwnAddress}";
    }

    /// <summary>Envoy takes what is no status for 403.</summary>
    private static int StatusOf(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var status) && status >= 100 ? status
        : StatusCodes.Status403Forbidden;
}
