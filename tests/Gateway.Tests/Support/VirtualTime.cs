using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Support;

/// <summary>Lets virtual time pass in step with what really happens on sockets.</summary>
internal static class VirtualTime
{
    /// <summary>
    /// What a step is waited for, in several short waits rather than a long one: where the machine or the pool of threads is busy, each of
    /// them takes longer.
    /// </summary>
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    private const int Ticks = 5;

    /// <summary>Far more steps than any test needs, so that a test whose event never comes fails and does not spin.</summary>
    private const int MaxSteps = 600;

    /// <summary>How long, in real time, the effect of the last step may take.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(1);

    /// <summary>Lets time pass, step by step, until a task has ended.</summary>
    /// <param name="time">The time.</param>
    /// <param name="task">The task.</param>
    /// <param name="step">How much time passes at once.</param>
    /// <param name="most">
    /// How much passes at most. Where that is all that must pass, none passes while the machine is slow to do what follows from it.
    /// </param>
    public static async Task<T> PassUntilAsync<T>(this FakeTimeProvider time, Task<T> task, TimeSpan step, TimeSpan? most = null)
    {
        var steps = most is { } all ? (int)Math.Ceiling(all / step) : MaxSteps;
        for (var passed = 0; passed < steps; passed++)
        {
            await SettleAsync(task);
            if (task.IsCompleted)
            {
                return await task;
            }

            time.Advance(step);
        }

        await ((Task)task.WaitAsync(Bound)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Assert.True(task.IsCompleted, $"It has not happened within {steps * step} of virtual time.");
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

    /// <summary>Gives what has been set going the time to set its timers.</summary>
    private static async Task SettleAsync(Task task)
    {
        for (var tick = 0; tick < Ticks && !task.IsCompleted; tick++)
        {
            await task.WaitAsync(Tick).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
