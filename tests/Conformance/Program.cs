using Conformance.Cases;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

namespace Conformance;

/// <summary>The table of cases, as tests.</summary>
internal static class Program
{
    private const string CaseOption = "--case";

    private static Task<int> Main(string[] args)
    {
        if (Array.IndexOf(args, CaseOption) is >= 0 and var index && index + 1 < args.Length)
        {
            CaseFiles.Filter = args[index + 1];
            args = [.. args[..index], .. args[(index + 2)..], "-class", typeof(CaseTests).FullName!];
        }

        return args.Any(argument => argument is "--server" or "--internal-msbuild-node")
            ? TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions)
            : ConsoleRunner.Run(args);
    }
}
