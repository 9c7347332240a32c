using System.Threading.Channels;
using Aspire.Hosting.Orchestration.Processes;

namespace Hosting.Embedded.Tests.Orchestration.Replicas;

/// <summary>Processes that live and die as a test says.</summary>
internal sealed class FakeProcesses : IProcessStarter
{
    private readonly Channel<FakeProcess> _started = Channel.CreateUnbounded<FakeProcess>();
    private int _lastId;

    public Exception? Refusal { get; set; }

    public IChildProcess Start(ProcessSpec spec, Action<OutputLine> output)
    {
        if (Refusal is not null)
        {
            throw Refusal;
        }

        var process = new FakeProcess(++_lastId, output);
        _started.Writer.TryWrite(process);
        return process;
    }

    public async Task<FakeProcess> NextAsync() => await _started.Reader.ReadAsync(TestContext.Current.CancellationToken);
}

/// <summary>A process that only a test ends.</summary>
internal sealed class FakeProcess(int id, Action<OutputLine> output) : IChildProcess
{
    private readonly TaskCompletionSource<int> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _terminated = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int Id { get; } = id;

    public Task<int> Exited => _exited.Task;

    public Task Terminated => _terminated.Task;

    public bool WasKilled { get; private set; }

    public void Exit(int exitCode, params string[] lastLines) => Exit(exitCode, lastLines, []);

    public void Exit(int exitCode, string[] errors, params string[] lines)
    {
        foreach (var line in errors)
        {
            output(new OutputLine(line, IsError: true));
        }

        foreach (var line in lines)
        {
            output(new OutputLine(line, IsError: false));
        }

        _exited.TrySetResult(exitCode);
    }

    public void Terminate() => _terminated.TrySetResult();

    public void Kill()
    {
        WasKilled = !_exited.Task.IsCompleted;
        _exited.TrySetResult(137);
    }
}
