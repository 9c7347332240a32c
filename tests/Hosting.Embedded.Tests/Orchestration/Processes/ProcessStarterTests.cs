using System.Globalization;
using System.Runtime.Versioning;
using Aspire.Hosting.Orchestration.Processes;

namespace Hosting.Embedded.Tests.Orchestration.Processes;

[UnsupportedOSPlatform("windows")]
public sealed class ProcessStarterTests
{
    public static bool IsUnix => !OperatingSystem.IsWindows();

    public static bool IsLinux => OperatingSystem.IsLinux();

    [Fact(SkipUnless = nameof(IsUnix), Skip = "Needs a POSIX shell.")]
    public async Task Both_outputs_and_the_exit_code_arrive()
    {
        var (exitCode, output, error) = await Shell.RunAsync(Shell.Script("echo one; echo two; printf three; echo oops >&2; exit 7"));

        Assert.Equal(7, exitCode);
        Assert.Equal(["one", "two", "three"], output);
        Assert.Equal(["oops"], error);
    }

    [Fact(SkipUnless = nameof(IsUnix), Skip = "Needs a POSIX shell.")]
    public async Task Arguments_arrive_as_they_are()
    {
        string[] arguments = ["a b", "", "'", "\"", "$HOME", "`id`", "*", "a\\b", "-n", "--", "é ✓", "\ttab"];

        var (_, output, _) = await Shell.RunAsync(Shell.Script("for a in \"$@\"; do printf '[%s]\\n' \"$a\"; done", arguments));

        Assert.Equal(arguments.Select(a => $"[{a}]"), output);
    }

    [Fact(SkipUnless = nameof(IsUnix), Skip = "Needs a POSIX shell.")]
    public async Task Variables_are_set_and_removed_whatever_their_names()
    {
        var environment = new Dictionary<string, string?>
        {
            ["PLAIN"] = "a b\nc",
            ["services__ping-v2__http__0"] = "http://localhost:1=2",
            ["Logging:LogLevel.Default"] = "it's \"quoted\" $HOME",
            ["0digit"] = "",
            ["HOME"] = null,
        };
        var spec = new ProcessSpec("env", ["-0"], Path.GetTempPath(), environment);

        var (exitCode, output, _) = await Shell.RunAsync(spec);

        Assert.Equal(0, exitCode);
        var seen = string.Join('\n', output).Split('\0');
        Assert.Contains("PLAIN=a b\nc", seen);
        Assert.Contains("services__ping-v2__http__0=http://localhost:1=2", seen);
        Assert.Contains("Logging:LogLevel.Default=it's \"quoted\" $HOME", seen);
        Assert.Contains("0digit=", seen);
        Assert.DoesNotContain(seen, variable => variable.StartsWith("HOME=", StringComparison.Ordinal));
        Assert.DoesNotContain(seen, variable => variable.StartsWith("EXEC_GUARD", StringComparison.Ordinal));
    }

    [Fact(SkipUnless = nameof(IsUnix), Skip = "Needs a POSIX shell.")]
    public async Task Input_is_empty_and_no_descriptor_of_the_guard_is_left()
    {
        var (exitCode, output, _) = await Shell.RunAsync(Shell.Script("cat; [ -e /dev/fd/3 ] && echo open; pwd"));

        Assert.Equal(0, exitCode);
        Assert.Equal([Path.GetTempPath().TrimEnd('/')], output);
    }

    [Fact(SkipUnless = nameof(IsLinux), Skip = "Needs /proc.")]
    public async Task The_process_is_the_program_and_leads_a_session_of_its_own()
    {
        var (child, line) = await Shell.StartAsync("echo $$; exec sleep 1000");
        try
        {
            Assert.Equal(child.Id, int.Parse(line, CultureInfo.InvariantCulture));
            var stat = Shell.StatOf(child.Id)!;
            Assert.Equal(child.Id.ToString(CultureInfo.InvariantCulture), stat[2]);
            Assert.Equal(child.Id.ToString(CultureInfo.InvariantCulture), stat[3]);
        }
        finally
        {
            child.Kill();
        }

        Assert.Equal(137, await child.Exited.WaitAsync(Eventually.Bound, TestContext.Current.CancellationToken));
        await Eventually.IsTrueAsync(() => Shell.Session(child.Id).Length == 0, "the session is empty");
    }

    [Fact(SkipUnless = nameof(IsUnix), Skip = "Needs a POSIX shell.")]
    public async Task Terminate_reaches_the_program_and_what_it_started()
    {
        var lines = new System.Collections.Concurrent.ConcurrentQueue<string>();
        var (child, _) = await Shell.StartAsync(
            """
            trap 'wait; echo child ended; exit 3' TERM
            sh -c 'trap "echo grandchild ended; exit" TERM; echo ready; while :; do sleep 0.05; done' &
            while :; do sleep 0.05; done
            """,
            line =>
            {
                if (!line.IsError)
                {
                    lines.Enqueue(line.Text);
                }
            });

        child.Terminate();

        Assert.Equal(3, await child.Exited.WaitAsync(Eventually.Bound, TestContext.Current.CancellationToken));
        Assert.Equal(["ready", "grandchild ended", "child ended"], lines);
        child.Terminate();
        child.Kill();
    }

    [Fact(SkipUnless = nameof(IsUnix), Skip = "Needs a POSIX shell.")]
    public async Task Signals_right_after_the_start_are_not_lost()
    {
        for (var i = 0; i < 20; i++)
        {
            var child = new ProcessStarter().Start(Shell.Script("exec sleep 1000"), _ => { });
            child.Terminate();
            Assert.Equal(143, await child.Exited.WaitAsync(Eventually.Bound, TestContext.Current.CancellationToken));
        }
    }

    [Fact(SkipUnless = nameof(IsLinux), Skip = "Needs /proc.")]
    public async Task What_a_program_leaves_in_its_group_does_not_outlive_it()
    {
        var (exitCode, output, _) = await Shell.RunAsync(Shell.Script("(trap '' TERM; exec sleep 1000) & echo $$"));

        Assert.Equal(0, exitCode);
        var session = int.Parse(Assert.Single(output), CultureInfo.InvariantCulture);
        await Eventually.IsTrueAsync(() => Shell.Session(session).Length == 0, "the session is empty");
    }

    [Fact(SkipUnless = nameof(IsLinux), Skip = "Needs setsid.")]
    public async Task A_daemon_that_keeps_the_output_open_does_not_hold_up_the_end()
    {
        using var directory = new TemporaryDirectory();
        var (exitCode, output, _) = await Shell.RunAsync(Shell.Script(
            "mkfifo \"$1\"; setsid sh -c 'echo $$; echo >\"$1\"; exec sleep 1000' sh \"$1\" & read -r ignored <\"$1\"; exit 4",
            Path.Combine(directory.Path, "daemon")));

        Assert.Equal(4, exitCode);
        Signals.Send(int.Parse(Assert.Single(output), CultureInfo.InvariantCulture), Signals.Kill);
    }

    [Fact(SkipUnless = nameof(IsUnix), Skip = "Needs a POSIX shell.")]
    public async Task A_line_without_end_comes_in_pieces()
    {
        var (_, output, _) = await Shell.RunAsync(
            Shell.Script($"head -c {OutputPump.MaxLineBytes * 2 + 5} /dev/zero | tr '\\0' x; printf '\\r\\nnext\\r\\n'"));

        Assert.Equal([OutputPump.MaxLineBytes, OutputPump.MaxLineBytes, 5, 4], output.Select(line => line.Length));
        Assert.Equal("next", output[^1]);
    }

    [Fact(SkipUnless = nameof(IsUnix), Skip = "Needs a POSIX shell.")]
    public async Task A_program_that_cannot_run_is_one_sentence()
    {
        using var directory = new TemporaryDirectory();
        var plain = directory.Write("plain.txt", "text");
        var broken = directory.Write("broken", "#!/no/such/interpreter\n");
        File.SetUnixFileMode(broken, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        Assert.Equal(
            "The program 'no-such-program-x' is in no directory of PATH: install it, or give the path of its file.",
            Refused("no-such-program-x"));
        Assert.Equal($"The program '{directory.Path}/missing' does not exist.", Refused("./missing"));
        Assert.Equal($"The file '{plain}' is not executable: run chmod +x on it.", Refused("./plain.txt"));
        Assert.Equal($"'{directory.Path}' is a directory, not a program.", Refused(directory.Path));
        Assert.Equal(
            "The working directory '/no/such/directory' does not exist.",
            Assert.Throws<ProcessStartException>(() => new ProcessStarter().Start(Spec("sh", "/no/such/directory"), _ => { })).Message);
        var late = await Assert.ThrowsAsync<ProcessStartException>(
            () => new ProcessStarter().Start(Spec("./broken", directory.Path), _ => { }).Exited);
        Assert.StartsWith($"'{broken}' cannot be executed: ", late.Message, StringComparison.Ordinal);

        string Refused(string command) =>
            Assert.Throws<ProcessStartException>(() => new ProcessStarter().Start(Spec(command, directory.Path), _ => { })).Message;

        static ProcessSpec Spec(string command, string workingDirectory) => new(command, [], workingDirectory, Shell.NoEnvironment);
    }

    [Fact(SkipUnless = nameof(IsUnix), Skip = "Needs a POSIX shell.")]
    public async Task A_program_may_end_with_the_shells_own_exit_codes()
    {
        Assert.Equal(127, (await Shell.RunAsync(Shell.Script("echo no such thing >&2; exit 127"))).ExitCode);
        Assert.Equal(126, (await Shell.RunAsync(Shell.Script("exit 126"))).ExitCode);
    }
}
