using System.Net;
using System.Net.Sockets;
using Gateway.Tests.Support;

namespace Gateway.Tests;

/// <summary>Bad input on the command line is met with one sentence and an exit code.</summary>
public sealed class GatewayCommandTests
{
    private static async Task<(int Code, string Error)> RunAsync(params string[] args)
    {
        using var error = new StringWriter();
        var code = await GatewayCommand.InvokeAsync(args, error, TestContext.Current.CancellationToken);
        return (code, error.ToString());
    }

    [Fact]
    public async Task Without_a_folder()
    {
        var (code, error) = await RunAsync();
        Assert.Equal(GatewayCommand.Misused, code);
        Assert.Contains("--mesh", Assert.Single(error.TrimEnd().Split('\n')));
    }

    [Fact]
    public async Task With_an_unknown_option()
    {
        var (code, error) = await RunAsync("--mesh", ".", "--urlz", "x");
        Assert.Equal(GatewayCommand.Misused, code);
        Assert.Contains("--urlz", error);
    }

    [Fact]
    public async Task With_a_folder_that_is_not_there()
    {
        var (code, error) = await RunAsync("--mesh", "/no/such/folder");
        Assert.Equal((GatewayCommand.Failed, "--mesh /no/such/folder: there is no such folder.\n"), (code, error));
    }

    [Fact]
    public async Task With_documents_that_cannot_be_executed()
    {
        using var folder = new TempFolder();
        folder.Write("bad.yaml", "a: [");
        var (code, error) = await RunAsync("--mesh", folder.Path);
        Assert.Equal(GatewayCommand.Failed, code);
        Assert.Contains("bad.yaml:2: error YAML", error);
        Assert.Contains("has 1 error", error);
        Assert.DoesNotContain("   at ", error);
    }

    [Fact]
    public async Task With_a_port_in_use()
    {
        using var folder = new TempFolder();
        folder.Write("mesh.yaml", Documents.Seed());
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var url = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
        var (code, error) = await RunAsync("--mesh", folder.Path, "--urls", url);
        Assert.Equal(GatewayCommand.Failed, code);
        Assert.Contains(url, error);
        Assert.Contains("--urls", Assert.Single(error.TrimEnd().Split('\n')));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("http://127.0.0.1:99999")]
    [InlineData("ftp://127.0.0.1:0")]
    [InlineData("https://127.0.0.1:0")]
    public async Task With_an_address_that_is_none(string url)
    {
        using var folder = new TempFolder();
        folder.Write("mesh.yaml", Documents.Seed());
        var (code, error) = await RunAsync("--mesh", folder.Path, "--urls", url);
        Assert.Equal(GatewayCommand.Failed, code);
        Assert.StartsWith($"--urls {url}: ", Assert.Single(error.TrimEnd().Split('\n')));
    }
}
