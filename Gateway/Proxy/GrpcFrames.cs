namespace Gateway.Proxy;

/// <summary>
/// Counts the messages in a body of gRPC, in whatever pieces it comes: each is a flag, four bytes of length and so many bytes
/// (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md). A message counts from its first byte on, as in Envoy
/// (source/common/grpc/codec.cc, FrameInspector).
/// </summary>
internal struct GrpcFrames
{
    private const int HeadSize = 5;

    private uint _rest;
    private int _head;

    /// <summary>How many messages have begun.</summary>
    public long Count { get; private set; }

    /// <summary>Takes the next piece of the body.</summary>
    public void Inspect(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_head == HeadSize)
            {
                var length = (int)Math.Min(_rest, (uint)bytes.Length);
                _rest -= (uint)length;
                bytes = bytes[length..];
            }
            else
            {
                Count += _head == 0 ? 1 : 0;
                _rest = (_rest << 8) | (_head == 0 ? 0u : bytes[0]);
                _head++;
                bytes = bytes[1..];
            }

            if (_head == HeadSize && _rest == 0)
            {
                _head = 0;
            }
        }
    }
}
