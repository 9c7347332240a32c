using System.Text;
using Gateway.AccessLogs;

namespace Conformance;

/// <summary>Where the gateway's access log goes: keeps the response flags of each request that has an id.</summary>
internal sealed class FlagsLog : Stream
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, string> _flags = [];
    private readonly StringBuilder _text = new();

    /// <summary>A line of the log.</summary>
    public static AccessLogFormat Format { get; } = AccessLogFormat.Parse($"%REQ({LocalGateway.IdHeader})% %RESPONSE_FLAGS%\n");

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>The flags of a request; null as long as it is not over.</summary>
    public string? Find(string id)
    {
        lock (_gate)
        {
            return _flags.GetValueOrDefault(id);
        }
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        lock (_gate)
        {
            _text.Append(Encoding.Latin1.GetString(buffer, offset, count));
            var lines = _text.ToString().Split('\n');
            foreach (var line in lines[..^1])
            {
                var parts = line.Split(' ');
                _flags[parts[0]] = parts[1];
            }

            _text.Clear().Append(lines[^1]);
        }
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
