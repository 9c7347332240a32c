using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using Aspire.Hosting.Orchestration.Processes;

namespace Hosting.Embedded.Tests.Orchestration.Processes;

/// <summary>Kills a real parent and looks for survivors: children, what they started, and the watchers themselves.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class OrphanTests
{
    private static readonly string[] Scripts =
    [
        "echo ready; exec sleep 1000",
        "sleep 1000 & sleep 1000 & echo ready; wait",
        "trap '' TERM INT HUP; echo ready; while :; do sleep 1; done",
    ];

    public static bool IsLinux => OperatingSystem.IsLinux();

    public static TheoryData<string[]> Shells => new(
        new string[][] { ["dash"], ["bash"], ["busybox", "sh"], ["ksh"], ["zsh"] }.Where(
            shell => ExecutableFile.Find(shell[0]) is not null));

    [Theory(SkipUnless = nameof(IsLinux), Skip = "Needs /proc.")]
    [InlineData("kill", 3)]
    [InlineData("crash", 2)]
    [InlineData("leave", 2)]
    public async Task Nothing_survives_the_parent(string end, int count)
    {
        var (parent, children) = await ParentProcess.StartAsync(Scripts[..count]);
        using var _ = parent;
        Assert.Equal(count, children.Length);
        Assert.All(children, child => Assert.True(Shell.Session(child).Length >= 2, "the program and its watcher run"));

        if (end == "kill")
        {
            parent.Kill();
        }
        else
        {
            await parent.StandardInput.WriteLineAsync(end);
        }

        await Eventually.IsTrueAsync(() => children.Sum(child => Shell.Session(child).Length) == 0, "all sessions are empty");
    }

    [Fact(SkipUnless = nameof(IsLinux), Skip = "Needs /proc.")]
    public async Task A_frozen_child_does_not_survive_the_parent()
    {
        var (parent, children) = await ParentProcess.StartAsync(Scripts[0]);
        using var _ = parent;
        const int sigStop = 19;
        Signals.Send(children[0], sigStop);

        parent.Kill();

        await Eventually.IsTrueAsync(() => Shell.Session(children[0]).Length == 0, "the session is empty");
    }

    [Theory(SkipUnless = nameof(IsLinux), Skip = "Needs /proc.")]
    [MemberData(nameof(Shells))]
    public async Task The_guard_works_with_every_shell_that_may_be_sh(string[] shell)
    {
        var start = new ProcessStartInfo { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["a-b"] = "c d";
        UnixGuard.Wrap(start, ExecutableFile.Find("sh")!, ["-c", "tr '\\0' '\\n' </proc/$$/environ | grep a-b; sleep 1000 & wait"]);
        var sh = start.ArgumentList.IndexOf("/bin/sh");
        start.ArgumentList.RemoveAt(sh);
        foreach (var (i, word) in shell.Index())
        {
            start.ArgumentList.Insert(sh + i, word);
        }

        using var child = Process.Start(start)!;
        Assert.Equal("a-b=c d", await child.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Eventually.Bound, TestContext.Current.CancellationToken));
        Assert.Equal(child.Id.ToString(CultureInfo.InvariantCulture), Shell.StatOf(child.Id)![3]);

        child.StandardInput.Close();

        await child.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(
            Eventually.Bound,
            TestContext.Current.CancellationToken);
        Assert.Equal(143, child.ExitCode);
        await Eventually.IsTrueAsync(() => Shell.Session(child.Id).Length == 0, "the session is empty");
    }
}
