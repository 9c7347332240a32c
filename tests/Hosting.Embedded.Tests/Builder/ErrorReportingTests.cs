using System.Diagnostics;
using Aspire.Hosting;

namespace Hosting.Embedded.Tests.Builder;

/// <summary>What the terminal shows when an AppHost has an error; each case is a process of its own.</summary>
public class ErrorReportingTests
{
    [Theory]
    [InlineData("declaration-fails", "error: The declaration failed; change it.\n")]
    [InlineData("invalid-name", "error: Resource name '-invalid' is invalid. Name must start with an ASCII letter.\n")]
    [InlineData("build-fails", "error: Resource 'web' has 0 replicas; give it 1 or more with WithReplicas, or do not add it at all.\n")]
    [InlineData("start-fails", "error: The start failed; try again.\n")]
    public async Task An_error_of_the_author_is_one_sentence(string @case, string output)
    {
        var (exitCode, error) = await RunAsync($"--case={@case}");
        Assert.Equal((1, output), (exitCode, error));
    }

    [Fact]
    public async Task A_publish_that_fails_is_one_sentence()
    {
        var (exitCode, error) = await RunAsync("--case=parameters", "--operation", "publish", "--step", "publish");
        Assert.Equal(1, exitCode);
        Assert.StartsWith("error: Parameter 'missing' has no value: ", error, StringComparison.Ordinal);
        Assert.Equal(1, error.Count(c => c == '\n'));
    }

    [Fact]
    public async Task A_publish_that_succeeds_writes_nothing_to_the_error_stream()
    {
        using var directory = new Orchestration.TemporaryDirectory();
        var output = Path.Combine(directory.Path, "manifest.json");
        Assert.Equal((0, ""), await RunAsync("--case=web", "--publisher", "manifest", "--output-path", output));
        Assert.True(File.Exists(output));
    }

    [Fact]
    public async Task A_bug_of_the_AppHost_keeps_its_stack_trace()
    {
        var (exitCode, error) = await RunAsync("--case=unexpected");
        Assert.Contains("System.FormatException: A bug of the AppHost.", error, StringComparison.Ordinal);
        Assert.Contains("   at ", error, StringComparison.Ordinal);
        Assert.NotEqual(0, exitCode);
    }

    [Fact]
    public void Several_errors_are_a_sentence_each()
    {
        var first = new DistributedApplicationException("One.");
        var second = new DistributedApplicationException("Two.");
        Assert.Equal($"One.{Environment.NewLine}Two.", ErrorReporter.Describe(new AggregateException(first, second, first)));
        Assert.Null(ErrorReporter.Describe(new AggregateException(first, new FormatException())));
    }

    private static async Task<(int ExitCode, string Error)> RunAsync(params string[] args)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "TestAppHost.dll"), .. args])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true
        };
        using var process = Process.Start(start)!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await output;
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return (process.ExitCode, error);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }
}
