using System.Diagnostics;

namespace Aspire.Hosting.Orchestration.Processes;

/// <summary>A child of <see cref="ProcessStarter"/>: its pumps, its end, its signals.</summary>
internal sealed class ChildProcess : IChildProcess
{
    // A process that left the group may hold the output pipes open for ever; the rest of the output is not worth more than this.
    private static readonly TimeSpan OutputDrainTime = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Process _process;
    private readonly string _program;
    private readonly OutputTail _tail = new(capacity: 4);
    private bool _ended;

    public ChildProcess(Process process, string program, Action<OutputLine> output)
    {
        _process = process;
        _program = program;
        Id = process.Id;
        Exited = RunAsync(output);
    }

    /// <inheritdoc/>
    public int Id { get; }

    /// <inheritdoc/>
    public Task<int> Exited { get; }

    /// <inheritdoc/>
    public void Terminate() => Signal(terminate: true);

    /// <inheritdoc/>
    public void Kill() => Signal(terminate: false);

    private async Task<int> RunAsync(Action<OutputLine> output)
    {
        using var abandon = new CancellationTokenSource();
        var pumps = Task.WhenAll(
            OutputPump.RunAsync(_process.StandardOutput.BaseStream, isError: false, Keep, abandon.Token),
            OutputPump.RunAsync(_process.StandardError.BaseStream, isError: true, Keep, abandon.Token));
        await _process.WaitForExitAsync(CancellationToken.None);
        lock (_gate)
        {
            _ended = true;
            Release();
        }

        abandon.CancelAfter(OutputDrainTime);
        await pumps;
        var exitCode = _process.ExitCode;
        _process.Dispose();
        return !OperatingSystem.IsWindows() && UnixGuard.ExecFailure(exitCode, _tail.ToList()) is { } reason
            ? throw new ProcessStartException($"'{_program}' cannot be executed: {reason}.")
            : exitCode;

        void Keep(OutputLine line)
        {
            _tail.Add(line);
            output(line);
        }
    }

    // With a group, end of file makes the watcher kill what the program left behind. Without one the watcher knows only the program's
    // id, which may belong to somebody else by now, so a line tells it to go.
    private void Release()
    {
        try
        {
            if (!OperatingSystem.IsWindows() && !UnixGuard.HasGroup)
            {
                _process.StandardInput.WriteLine();
            }

            _process.StandardInput.Dispose();
        }
        catch (IOException)
        {
            // The watcher has gone already.
        }
    }

    private void Signal(bool terminate)
    {
        lock (_gate)
        {
            if (_ended)
            {
                return;
            }

            if (OperatingSystem.IsWindows())
            {
                if (terminate)
                {
                    WindowsJob.Break(Id);
                }
                else
                {
                    _process.Kill(entireProcessTree: true);
                }

                return;
            }

            // There is no group yet in the instant before setsid has run; nothing but the process itself exists then. Once it has been
            // reaped its id may be somebody else's.
            var signal = terminate ? Signals.Terminate : Signals.Kill;
            if ((!UnixGuard.HasGroup || !Signals.SendToGroup(Id, signal)) && !_process.HasExited)
            {
                Signals.Send(Id, signal);
            }
        }
    }
}
