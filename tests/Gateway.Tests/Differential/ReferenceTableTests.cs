using Gateway.Tests.Support;

namespace Gateway.Tests.Differential;

public sealed class ReferenceTableTests : IAsyncLifetime
{
    private readonly RawUpstream _upstream = RawUpstream.Echo("A");
    private TestGateway _gateway = null!;

    public async ValueTask InitializeAsync() => _gateway = await TestGateway.StartAsync(Documents.Seed(_upstream.Port));

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    [Fact]
    public async Task The_gateway_answers_the_reference_table()
    {
        using var client = _gateway.Connect();
        foreach (var row in ReferenceTable.Rows)
        {
            var response = await client.GetAsync(row.Target);
            var upstream = response.Status == 200 ? response.Body[2..] : null;
            Assert.Equal(row, new ReferenceTable.Row(row.Target, response.Status, upstream));
        }
    }

    /// <summary>Kestrel's own refusals, where nginx 1.22.1 answers 200.</summary>
    [Theory]
    [InlineData("GET /api/v1/caf\u00C3\u00A9 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400)]
    [InlineData("GET /api/v1/ping HTTP/1.2\r\nHost: localhost\r\n\r\n", 505)]
    public async Task What_the_server_refuses_by_itself(string request, int status)
    {
        using var client = _gateway.Connect();
        Assert.Equal(status, (await client.SendAsync(request)).Status);
    }
}
