using System.Runtime.Versioning;
using Aspire.Hosting.Orchestration.Priority;
using Aspire.Hosting.Orchestration.Processes;
using Hosting.Embedded.Tests.Orchestration.Processes;

namespace Hosting.Embedded.Tests.Orchestration.Priority;

/// <summary>Real processes, and what the kernel says of them.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class AutogroupsTests : IAsyncDisposable
{
    private readonly Autogroups _autogroups = new();
    private IChildProcess? _child;

    public static bool HasAutogroups => File.Exists("/proc/self/autogroup");

    public async ValueTask DisposeAsync()
    {
        _child?.Kill();
        await (_child?.Exited ?? Task.CompletedTask);
    }

    [Fact(SkipUnless = nameof(HasAutogroups), Skip = "Needs a Linux kernel with CONFIG_SCHED_AUTOGROUP.")]
    public async Task A_session_gives_way_and_gets_its_share_back()
    {
        var id = await StartAsync("echo started; exec sleep 300");
        Assert.EndsWith(" nice 0", GroupOf(id), StringComparison.Ordinal);

        await ChangeAsync(_autogroups, id, reduced: true);
        Assert.EndsWith(" nice 5", GroupOf(id), StringComparison.Ordinal);

        await ChangeAsync(_autogroups, id, reduced: false);
        Assert.EndsWith(" nice 0", GroupOf(id), StringComparison.Ordinal);

        _child!.Kill();
        await _child.Exited;
        Assert.Equal(ShareChange.Impossible, _autogroups.Change(id, reduced: true));
    }

    [Fact(SkipUnless = nameof(HasAutogroups), Skip = "Needs a Linux kernel with CONFIG_SCHED_AUTOGROUP.")]
    public async Task A_program_that_is_in_no_session_of_its_own_changes_the_shares_of_others()
    {
        using var directory = new TemporaryDirectory();
        var id = await StartAsync("echo started; exec sleep 300");

        await ChangeAsync(new Autogroups(directory.Write("autogroup", "")), id, reduced: true);

        Assert.EndsWith(" nice 5", GroupOf(id), StringComparison.Ordinal);
    }

    [Fact(SkipUnless = nameof(HasAutogroups), Skip = "Needs a Linux kernel with CONFIG_SCHED_AUTOGROUP.")]
    public async Task The_session_of_this_process_is_not_touched()
    {
        var id = await StartAsync("echo started; exec sleep 300");

        Assert.Equal(ShareChange.Impossible, new Autogroups($"/proc/{id}/autogroup").Change(id, reduced: true));
        Assert.Equal(ShareChange.Impossible, _autogroups.Change(Environment.ProcessId, reduced: true));
    }

    [Fact(SkipUnless = nameof(HasAutogroups), Skip = "Needs a Linux kernel with CONFIG_SCHED_AUTOGROUP.")]
    public async Task A_session_with_a_nice_value_of_its_own_keeps_it()
    {
        // Without privileges the kernel may want it to be tried again.
        var id = await StartAsync("until { echo 2 > /proc/$$/autogroup; } 2>/dev/null; do sleep 0.05; done; echo started; exec sleep 300");

        Assert.Equal(ShareChange.Impossible, _autogroups.Change(id, reduced: true));
        Assert.Equal(ShareChange.Impossible, _autogroups.Change(id, reduced: false));

        Assert.EndsWith(" nice 2", GroupOf(id), StringComparison.Ordinal);
    }

    private async Task<int> StartAsync(string script)
    {
        (_child, _) = await Shell.StartAsync(script);
        return _child.Id;
    }

    private static Task ChangeAsync(Autogroups autogroups, int processId, bool reduced) =>
        Eventually.IsTrueAsync(() => autogroups.Change(processId, reduced) == ShareChange.Done, "a change of the share");

    private static string GroupOf(int processId) => File.ReadAllText($"/proc/{processId}/autogroup").TrimEnd();
}
