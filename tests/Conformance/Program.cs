using Conformance.Targets;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

namespace Conformance;

/// <summary>
/// The table of cases as tests; <c>--case TEXT</c> runs some of them. <c>--target</c> runs them against a gateway elsewhere, for which
/// <c>--upstream</c> is the endpoints.
/// </summary>
internal static class Program
{
    private const string CaseOption = "--case";

    private static Task<int> Main(string[] args)
    {
        if (TargetCommand.IsMeant(args))
        {
            return TargetCommand.InvokeAsync(args, Console.Out);
        }

        if (Array.IndexOf(args, CaseOption) is >= 0 and var index && index + 1 < args.Length)
        {
            CaseTests.Filter = args[index + 1];
            args = [.. args[..index], .. args[(index + 2)..], "-class", typeof(CaseTests).FullName!];
        }

        return args.Any(argument => argument is "--server" or "--internal-msbuild-node")
            ? TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions)
            : ConsoleRunner.Run(args);
    }
}
