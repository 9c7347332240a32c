using System.Text;
using Gateway.Forwarding;

namespace Gateway.Tests.Forwarding;

/// <summary>What is read of the head of an endpoint's response, and what of it the client gets to see.</summary>
public sealed class ResponseHeadTests
{
    private static string Read(ResponseHead head, string bytes, bool isHead = false)
    {
        try
        {
            head.Read(Encoding.Latin1.GetBytes(bytes), isHead);
        }
        catch (UpstreamException exception)
        {
            return exception.Failure.Reason;
        }

        var (framing, shown) = (head.Framing, head.Shown.ToArray().Select(line => $"{line.Name}={line.Value}"));
        return $"{head.Status} {Encoding.Latin1.GetString(head.Reason)} length={framing.Length} declared={framing.DeclaredLength} "
            + $"chunked={framing.IsChunked} keeps={framing.KeepsAlive} lines={head.Count} {string.Join("; ", shown)}";
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", "200  length=2 declared=2 chunked=False keeps=True lines=1 ")]
    [InlineData("HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n", "200  length=-1 declared=-1 chunked=True keeps=True lines=1 ")]
    [InlineData("HTTP/1.0 200 OK\r\nA:b\r\n\r\n", "200  length=-1 declared=-1 chunked=False keeps=False lines=1 A=b")]
    [InlineData(
        "HTTP/1.1 200 OK\r\nConnection: a, close\r\nServer: s\r\nDate: then\r\n\r\n",
        "200  length=-1 declared=-1 chunked=False keeps=False lines=3 Date=then")]
    [InlineData(
        "HTTP/1.1 204 No Content\r\nX-A: \t caf\u00E9 \r\nX-A: 2\r\nX-Empty:\r\n\r\n",
        "204  length=0 declared=-1 chunked=False keeps=True lines=3 X-A=caf\u00E9; X-A=2; X-Empty=")]
    [InlineData("HTTP/1.1 2x0 OK\r\n\r\n", "its answer is no HTTP/1 response")]
    [InlineData("HTTP/1.1 099 OK\r\n\r\n", "its answer is no HTTP/1 response")]
    [InlineData("HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "its answer has a line that is no header")]
    [InlineData("HTTP/1.1 200 OK\r\nA : b\r\n\r\n", "its answer has a line that is no header")]
    [InlineData("HTTP/1.1 200 OK\r\nA: b\nC: d\r\n\r\n", "its answer has a line that is no header")]
    [InlineData("HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n", "its answer has a line that is no header")]
    [InlineData("HTTP/1.1 200 OK\r\nA: b\u0001c\r\n\r\n", "its answer has a header with control characters")]
    [InlineData("HTTP/1.1 200 OK\r\nA(b): c\r\n\r\n", "its answer has a header with control characters")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "its answer has an invalid Content-Length")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n", "its answer has an invalid Content-Length")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "its answer has a Transfer-Encoding that is not understood")]
    public void A_head_is_read(string bytes, string expected)
    {
        var head = new ResponseHead(ResponseRules.Envoy);
        Assert.Equal(expected, Read(head, bytes));
        Assert.Equal(expected, Read(head, bytes));
    }

    [Fact]
    public void Nginx_passes_the_reason_on_and_writes_the_date_itself() => Assert.Equal(
        "418 Short and stout length=0 declared=0 chunked=False keeps=True lines=3 A=b",
        Read(new ResponseHead(ResponseRules.Nginx), "HTTP/1.1 418 Short and stout\r\nDate: then\r\nContent-Length: 0\r\nA: b\r\n\r\n"));

    /// <summary>Whatever came before on the connection, a head means what it means alone.</summary>
    [Fact]
    public void What_is_remembered_of_the_head_before_changes_nothing()
    {
        var random = new Random(20261126);
        string Line(params string[] choices) => choices[random.Next(choices.Length)];
        var head = new ResponseHead(ResponseRules.Nginx);
        var valid = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = Line("HTTP/1.1 200 OK", "HTTP/1.1 200 Fine", "HTTP/1.1 204 OK", "HTTP/1.0 200 OK", "HTTP/1.1 2x0 OK") + "\r\n"
                + Line("", "Content-Length: 5\r\n", "Content-Length: 12\r\n", "Transfer-Encoding: chunked\r\n")
                + Line("", "X-A: 1\r\n", "X-A: 22\r\n", "x-a: 1\r\n", "X-A: \u0001\r\n", "Date: 1\r\n")
                + Line("", "X-A: 1\r\n", "Content-Length: 5\r\n", "Connection: close\r\n", "no colon\r\n")
                + Line("", "Server: s\r\n") + "\r\n";
            var isHead = random.Next(4) == 0;
            var expected = Read(new ResponseHead(ResponseRules.Nginx), bytes, isHead);
            Assert.Equal(expected, Read(head, bytes, isHead));
            valid += char.IsDigit(expected[0]) ? 1 : 0;
        }

        Assert.InRange(valid, 5_000, 15_000);
    }
}
