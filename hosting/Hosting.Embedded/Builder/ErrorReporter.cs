using System.Diagnostics;
using System.Reflection;

namespace Aspire.Hosting;

/// <summary>
/// Makes an error in the declaration or the run of the application end the AppHost with one sentence on the error stream and exit
/// code 1 instead of a stack trace. Exceptions that the engine did not raise itself keep their stack trace.
/// </summary>
internal static class ErrorReporter
{
    private static int _installed;

    /// <summary>Starts reporting for this process, when its program is the AppHost itself. In a test exceptions reach the test.</summary>
    public static void Install(DistributedApplicationOptions options)
    {
        if (options.ProjectName is not null
            && options.Assembly == Assembly.GetEntryAssembly()
            && Interlocked.Exchange(ref _installed, 1) == 0)
        {
            AppDomain.CurrentDomain.UnhandledException += static (_, e) =>
            {
                if (!Debugger.IsAttached && e.ExceptionObject is Exception exception && Describe(exception) is { } sentence)
                {
                    Console.Error.WriteLine($"error: {sentence}");
                    Environment.Exit(1);
                }
            };
        }
    }

    /// <summary>The sentence to print, or <see langword="null" /> when the exception is not an error of the application's author.</summary>
    internal static string? Describe(Exception exception)
    {
        while (exception is AggregateException { InnerExceptions.Count: 1 } aggregate)
        {
            exception = aggregate.InnerExceptions[0];
        }

        return exception switch
        {
            DistributedApplicationException => exception.Message,
            AggregateException { InnerExceptions.Count: > 1 } several
                when several.InnerExceptions.All(static e => Describe(e) is not null) => string.Join(
                Environment.NewLine,
                several.InnerExceptions.Select(Describe).Distinct()),
            _ when exception.TargetSite?.DeclaringType?.Assembly == typeof(ErrorReporter).Assembly => WithoutParameterName(exception),
            _ => null
        };
    }

    private static string WithoutParameterName(Exception exception) =>
        exception is ArgumentException { ParamName: { } name }
            ? exception.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal)
            : exception.Message;
}
