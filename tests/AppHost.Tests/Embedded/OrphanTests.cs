namespace AppHost.Tests.Embedded;

public class OrphanTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("INT", 0)]
    [InlineData("TERM", 0)]
    [InlineData("KILL", 128 + 9)]
    public async Task Whatever_ends_the_AppHost_no_child_survives(string signal, int exitCode)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Reads the process tree from /proc.");
        await using var host = AppHostProcess.Start();
        await host.UntilHealthyAsync(Cancellation);
        var children = Processes.Descendants(host.Process.Id);
        Assert.True(children.Count >= 4, "three replicas and the gateway run as children");

        Processes.Signal(host.Process.Id, signal);

        await host.Process.WaitForExitAsync(Cancellation);
        await Eventually.TrueAsync(() => !children.Any(Processes.IsAlive), "every child has ended", Cancellation);
        Assert.Equal(exitCode, host.Process.ExitCode);
        Assert.Equal("", host.Errors);
    }
}
