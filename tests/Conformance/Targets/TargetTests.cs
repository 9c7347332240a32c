using System.Text.RegularExpressions;
using Tests.Shared;

namespace Conformance.Targets;

/// <summary>The commands of docs/conformance.md do what the page says.</summary>
public sealed partial class TargetTests : IDisposable
{
    private readonly DirectoryInfo _mesh = Directory.CreateTempSubdirectory("conformance-mesh-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _mesh.Delete(recursive: true);

    [Fact]
    public async Task The_cases_hold_against_the_gateway_as_a_program()
    {
        var commands = PageProgram.Commands("Against an address");
        Assert.Equal(3, commands.Length);
        await using var upstream = PageProgram.Start(commands[0].Replace("9101", "0", StringComparison.Ordinal));
        var ports = (await upstream.LineAsync(EndpointsListen(), Cancellation)).Groups[1].Value;
        var door = FreePort.Next();
        string Here(string command) => command.Replace("/tmp/conformance-mesh", _mesh.FullName, StringComparison.Ordinal)
            .Replace("9082", $"{door}", StringComparison.Ordinal).Replace("9101-9108", ports, StringComparison.Ordinal);
        await using var gateway = PageProgram.Start(Here(commands[1]));
        await gateway.LineAsync(Started(), Cancellation);
        await using var suite = PageProgram.Start($"{Here(commands[2])} --case match-");
        var (output, exitCode) = await suite.EndAsync(Cancellation);
        var result = Result().Match(output);
        Assert.True(result.Success && result.Groups[2].Value == "0" && exitCode == 0, output);
        Assert.InRange(int.Parse(result.Groups[1].Value, null), 50, int.MaxValue);
    }

    [Fact]
    public void What_the_page_says_of_a_cluster_is_a_command_line()
    {
        foreach (var command in PageProgram.Commands("Against Istio"))
        {
            var line = command.Replace("INGRESS_ADDRESS", "192.0.2.1", StringComparison.Ordinal)
                .Replace("ENDPOINT_ADDRESS", "192.0.2.2", StringComparison.Ordinal);
            Assert.Empty(TargetCommand.Parse(PageProgram.Read(line).Arguments, TextWriter.Null).Errors);
        }
    }

    [Theory]
    [InlineData("--target ftp://a --endpoints a:1 --apply x", "--target")]
    [InlineData("--target http://a --endpoints a --apply x", "--endpoints a")]
    [InlineData("--target http://a --endpoints a:9-1 --apply x", "--endpoints a:9-1")]
    [InlineData("--target http://a --endpoints a:1", "--apply")]
    public void A_command_line_that_cannot_be_used_is_refused(string arguments, string message)
    {
        var errors = TargetCommand.Parse(arguments.Split(' '), TextWriter.Null).Errors;
        Assert.Contains(errors, error => error.Message.Contains(message, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"^Endpoints listen on ([\d,]+)\.$")]
    private static partial Regex EndpointsListen();

    [GeneratedRegex("Application started")]
    private static partial Regex Started();

    [GeneratedRegex(@"(\d+) hold, (\d+) fail, \d+ skipped")]
    private static partial Regex Result();
}
