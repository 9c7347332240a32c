using System.Runtime.Versioning;
using Aspire.Hosting.Orchestration.Priority;
using Hosting.Embedded.Tests.Orchestration.Processes;

namespace Hosting.Embedded.Tests.Orchestration.Priority;

/// <summary>Real processes, and what the kernel says of them.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class AutogroupsTests
{
    private readonly Autogroups _autogroups = new();

    public static bool HasAutogroups => File.Exists("/proc/self/autogroup");

    [Fact(SkipUnless = nameof(HasAutogroups), Skip = "Needs a Linux kernel with CONFIG_SCHED_AUTOGROUP.")]
    public async Task A_session_gives_way_and_gets_its_share_back()
    {
        var (child, _) = await Shell.StartAsync("echo started; exec sleep 300");
        Assert.EndsWith(" nice 0", GroupOf(child.Id), StringComparison.Ordinal);

        await ChangeAsync(child.Id, reduced: true);
        Assert.EndsWith(" nice 5", GroupOf(child.Id), StringComparison.Ordinal);

        await ChangeAsync(child.Id, reduced: false);
        Assert.EndsWith(" nice 0", GroupOf(child.Id), StringComparison.Ordinal);

        child.Kill();
        await child.Exited;
        Assert.Equal(ShareChange.Impossible, _autogroups.Change(child.Id, reduced: true));
    }

    [Fact(SkipUnless = nameof(HasAutogroups), Skip = "Needs a Linux kernel with CONFIG_SCHED_AUTOGROUP.")]
    public void The_session_of_this_process_is_not_touched() =>
        Assert.Equal(ShareChange.Impossible, _autogroups.Change(Environment.ProcessId, reduced: true));

    [Fact(SkipUnless = nameof(HasAutogroups), Skip = "Needs a Linux kernel with CONFIG_SCHED_AUTOGROUP.")]
    public async Task A_session_with_a_nice_value_of_its_own_keeps_it()
    {
        var (child, _) = await Shell.StartAsync("until echo 2 > /proc/$$/autogroup; do :; done; echo started; exec sleep 300");

        Assert.Equal(ShareChange.Impossible, _autogroups.Change(child.Id, reduced: true));
        Assert.Equal(ShareChange.Impossible, _autogroups.Change(child.Id, reduced: false));

        Assert.EndsWith(" nice 2", GroupOf(child.Id), StringComparison.Ordinal);
        child.Kill();
        await child.Exited;
    }

    private Task ChangeAsync(int processId, bool reduced) =>
        Eventually.IsTrueAsync(() => _autogroups.Change(processId, reduced) == ShareChange.Done, "a change of the share");

    private static string GroupOf(int processId) => File.ReadAllText($"/proc/{processId}/autogroup").TrimEnd();
}
