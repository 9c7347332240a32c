using System.Buffers;
using System.Text;
using Gateway.Http1;

namespace Gateway.Tests.Http1;

/// <summary>Which requests are plain, and what is read of them.</summary>
public sealed class RequestReaderTests
{
    private const string Host = "Host: a.example\r\n";

    private static string? Read(RequestReader reader, string head)
    {
        var headers = new HeaderList(isResponse: false);
        return reader.TryRead(Encoding.Latin1.GetBytes(head), headers)
            ? $"{reader.Method} {reader.Target} path={reader.Path} query={reader.Query} {string.Join("; ", headers)}"
            : null;
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n" + Host + "\r\n", "GET / path=/ query= [Host, a.example]")]
    [InlineData("HEAD /a/b HTTP/1.1\r\n" + Host + "\r\n", "HEAD /a/b path=/a/b query= [Host, a.example]")]
    [InlineData("GET /a?b=c?d HTTP/1.1\r\n" + Host + "\r\n", "GET /a?b=c?d path=/a query=?b=c?d [Host, a.example]")]
    [InlineData("GET / HTTP/1.1\r\nhost:127.0.0.1:8080\r\nX-A:  b c  \r\nx-empty:\r\n\r\n", "GET / path=/ query= [host, 127.0.0.1:8080]; [X-A, b c]; [x-empty, ]")]
    [InlineData("GET / HTTP/1.1\r\n" + Host + "Connection: Keep-Alive\r\n\r\n", "GET / path=/ query= [Host, a.example]; [Connection, Keep-Alive]")]
    public void A_plain_request_is_read(string head, string expected) => Assert.Equal(expected, Read(new RequestReader(), head));

    [Theory]
    [InlineData("POST / HTTP/1.1\r\n" + Host)]
    [InlineData("get / HTTP/1.1\r\n" + Host)]
    [InlineData("GET / HTTP/1.0\r\n" + Host)]
    [InlineData("GET / HTTP/1.1 \r\n" + Host)]
    [InlineData("GET  / HTTP/1.1\r\n" + Host)]
    [InlineData("GET http://a.example/ HTTP/1.1\r\n" + Host)]
    [InlineData("OPTIONS * HTTP/1.1\r\n" + Host)]
    [InlineData("GET /a%20b HTTP/1.1\r\n" + Host)]
    [InlineData("GET /a/../b HTTP/1.1\r\n" + Host)]
    [InlineData("GET /a#b HTTP/1.1\r\n" + Host)]
    [InlineData("GET /a b HTTP/1.1\r\n" + Host)]
    [InlineData("GET /caf\u00E9 HTTP/1.1\r\n" + Host)]
    [InlineData("GET / HTTP/1.1\n" + Host)]
    [InlineData("GET / HTTP/1.1\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost:\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a b\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: user@a\r\n")]
    [InlineData("GET / HTTP/1.1\r\n" + Host + "host: b.example\r\n")]
    [InlineData("GET / HTTP/1.1\r\n" + Host + "Cookie: a\r\ncookie: b\r\n")]
    [InlineData("GET / HTTP/1.1\r\n" + Host + "X-A : b\r\n")]
    [InlineData("GET / HTTP/1.1\r\n" + Host + ": b\r\n")]
    [InlineData("GET / HTTP/1.1\r\n" + Host + "no colon\r\n")]
    [InlineData("GET / HTTP/1.1\r\n" + Host + "X-A: b\r\n folded\r\n")]
    [InlineData("GET / HTTP/1.1\r\n" + Host + "X-A: b\n")]
    [InlineData("GET / HTTP/1.1\r\n" + Host + "X-A: b\tc\r\n")]
    [InlineData("GET / HTTP/1.1\r\n" + Host + "X-A: b\0c\r\n")]
    [InlineData("GET / HTTP/1.1\r\n" + Host + "X-A: b\rc\r\n")]
    [InlineData("GET / HTTP/1.1\r\n" + Host + "X-A: caf\u00E9\r\n")]
    [InlineData("GET / HTTP/1.1\r\n" + Host + "Content-Length: 0\r\n")]
    [InlineData("GET / HTTP/1.1\r\n" + Host + "Transfer-Encoding: chunked\r\n")]
    [InlineData("GET / HTTP/1.1\r\n" + Host + "X-Content-Length: 1\r\n")]
    [InlineData("GET / HTTP/1.1\r\n" + Host + "Connection: close\r\n")]
    [InlineData("GET / HTTP/1.1\r\n" + Host + "Connection: keep-alive, X-A\r\n")]
    [InlineData("GET / HTTP/1.1\r\n" + Host + "Proxy-Connection: keep-alive\r\n")]
    [InlineData("GET / HTTP/1.1\r\n" + Host + "Upgrade: websocket\r\n")]
    [InlineData("GET / HTTP/1.1\r\n" + Host + "HTTP2-Settings: AA\r\n")]
    [InlineData("GET / HTTP/1.1\r\n" + Host + "Expect: 100-continue\r\n")]
    [InlineData("GET / HTTP/1.1\r\n" + Host + "TE: trailers\r\n")]
    [InlineData("GET / HTTP/1.1\r\n" + Host + "Trailer: X-Sum\r\n")]
    [InlineData("PRI * HTTP/2.0\r\n")]
    public void What_needs_thought_is_left_to_Kestrel(string head) => Assert.Null(Read(new RequestReader(), head + "\r\n"));

    [Fact]
    public void So_are_more_headers_than_a_list_should_have() => Assert.Null(Read(
        new RequestReader(), $"GET / HTTP/1.1\r\n{Host}{string.Concat(Enumerable.Range(0, 128).Select(number => $"x-{number}: a\r\n"))}\r\n"));

    /// <summary>Whatever came before on the connection, a head means what it means alone.</summary>
    [Fact]
    public void What_is_remembered_of_the_head_before_changes_nothing()
    {
        var random = new Random(20261126);
        string Line(params string[] choices) => choices[random.Next(choices.Length)];
        var reader = new RequestReader();
        var plain = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var head = Line("GET / HTTP/1.1\r\n", "GET /a?b HTTP/1.1\r\n", "HEAD / HTTP/1.1\r\n", "POST / HTTP/1.1\r\n")
                + Line(Host, Host, "Host: b.example\r\n", "")
                + Line("", "X-A: 1\r\n", "X-A: 22\r\n", "x-a: 1\r\n")
                + Line("", "X-B: 1\r\n", "X-A: 1\r\n", "Content-Length: 0\r\n")
                + Line("", "Accept: */*\r\n") + "\r\n";
            var expected = Read(new RequestReader(), head);
            Assert.Equal(expected, Read(reader, head));
            plain += expected is null ? 0 : 1;
        }

        Assert.InRange(plain, 5_000, 15_000);
    }

    [Fact]
    public void What_is_the_same_as_before_is_the_same_text()
    {
        var (reader, headers) = (new RequestReader(), new HeaderList(isResponse: false));
        Assert.True(reader.TryRead("GET /a HTTP/1.1\r\nHost: h\r\nX-A: 1\r\n\r\n"u8, headers));
        var (target, host) = (reader.Target, headers["Host"].ToString());
        headers.Reset();
        Assert.True(reader.TryRead("GET /a HTTP/1.1\r\nHost: h\r\nX-A: 2\r\n\r\n"u8, headers));
        Assert.Same(target, reader.Target);
        Assert.Same(host, headers["Host"].ToString());
        Assert.Equal("2", headers["X-A"]);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\nrest", 18)]
    [InlineData("GET / HTTP/1.1\r\n", 0)]
    [InlineData("", 0)]
    public void A_head_ends_with_an_empty_line(string received, int length) =>
        Assert.Equal(length, RequestReader.FindEnd(new ReadOnlySequence<byte>(Encoding.Latin1.GetBytes(received))));
}
