using System.Buffers;
using System.IO.Hashing;
using System.Net;
using System.Text;
using Gateway.Requests;

namespace Gateway.Clusters.Balancing;

/// <summary>An attribute of a generated cookie, such as SameSite.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value; empty for none.</param>
internal readonly record struct CookieAttribute(string Name, string Value);

/// <summary>What of a request is hashed, so that equal requests go to one host.</summary>
/// <remarks>envoyproxy/envoy source/common/http/hash_policy.cc; istio/istio route.go, ConsistentHashToHashPolicy.</remarks>
internal abstract record HashPolicy
{
    /// <summary>The request's hash; null when it has nothing to hash, which makes the choice random.</summary>
    /// <param name="request">The request.</param>
    /// <param name="localAddress">The address the client connected to, of which a generated cookie is made; null when unknown.</param>
    /// <param name="sourcePort">The client's port, likewise.</param>
    /// <param name="setCookie">A Set-Cookie value that the response must carry; null in most cases.</param>
    public abstract ulong? Compute(RequestHead request, IPEndPoint? localAddress, int sourcePort, out string? setCookie);

    /// <summary>Envoy's hash of text: xxHash64 of its bytes.</summary>
    internal static ulong HashOf(ReadOnlySpan<char> text, ulong seed = 0)
    {
        byte[]? rented = null;
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        var bytes = most <= 512 ? stackalloc byte[512] : rented = ArrayPool<byte>.Shared.Rent(most);
        var length = Encoding.UTF8.GetBytes(text, bytes);
        var hash = XxHash64.HashToUInt64(bytes[..length], unchecked((long)seed));
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return hash;
    }
}
