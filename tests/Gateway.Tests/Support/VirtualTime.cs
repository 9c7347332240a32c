using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Support;

/// <summary>Lets virtual time pass in step with what really happens on sockets.</summary>
internal static class VirtualTime
{
    /// <summary>How long to wait for the effect of one step: a machine that is busy may only make a test slower.</summary>
    private static readonly TimeSpan Effect = TimeSpan.FromMilliseconds(50);

    /// <summary>Far more steps than any test needs, so that a test whose event never comes fails and does not spin.</summary>
    private const int MaxSteps = 600;

    /// <summary>Lets time pass, step by step, until a task has ended.</summary>
    public static async Task<T> PassUntilAsync<T>(this FakeTimeProvider time, Task<T> task, TimeSpan step)
    {
        for (var steps = 0; steps < MaxSteps && !task.IsCompleted; steps++)
        {
            time.Advance(step);
            await ((Task)task.WaitAsync(Effect)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        Assert.True(task.IsCompleted, $"It has not happened within {MaxSteps * step} of virtual time.");
        return await task;
    }

    /// <summary>Lets time pass, step by step, until a task has ended.</summary>
    public static Task PassUntilAsync(this FakeTimeProvider time, Task task, TimeSpan step)
    {
        async Task<bool> AwaitAsync()
        {
            await task;
            return true;
        }

        return time.PassUntilAsync(AwaitAsync(), step);
    }
}
