using System.CommandLine;
using Istio.Documents;

namespace Gateway.RoutingTests;

/// <summary>The command <c>test TESTS... --mesh DIR [--junit FILE]</c>: runs routing tests against a mesh folder.</summary>
internal static class RoutingTestCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var mesh = new Option<string>("--mesh")
        {
            Description = "Folder of Kubernetes and Istio YAML files.",
            HelpName = "DIR",
            Required = true,
        };
        var junit = new Option<string?>("--junit") { Description = "Writes the results as JUnit's XML, too.", HelpName = "FILE" };
        var tests = new Argument<string[]>("TESTS")
        {
            Description = "Files and folders of tests in istio-config-validator's format.",
            Arity = ArgumentArity.OneOrMore,
        };
        var command = new Command("test", "Tests where requests go: runs tests written as data against a mesh folder.")
        {
            tests, mesh, junit,
        };
        command.SetAction(result => Run(
            result.GetRequiredValue(tests), result.GetRequiredValue(mesh), result.GetValue(junit),
            result.InvocationConfiguration.Output, result.InvocationConfiguration.Error));
        return command;
    }

    /// <summary>Runs tests.</summary>
    /// <returns>0, or 1 when a test fails, or when tests or documents cannot be read.</returns>
    public static int Run(IReadOnlyCollection<string> tests, string folder, string? junit, TextWriter output, TextWriter error)
    {
        if (!Directory.Exists(folder))
        {
            error.WriteLine($"--mesh {folder}: there is no such folder.");
            return GatewayCommand.Failed;
        }

        var resources = ResourceReader.ReadFolder(folder);
        var findings = new List<Finding>(resources.Findings);
        var mesh = TestedMesh.Compile(resources, findings);
        var (cases, errors) = RoutingTestReader.Read(tests);
        foreach (var message in findings.Select(finding => finding.ToString()).Concat(errors))
        {
            error.WriteLine(message);
        }

        if (!errors.IsEmpty || findings.Any(finding => finding.Severity == Severity.Error))
        {
            error.WriteLine("Nothing was tested; correct the errors first.");
            return GatewayCommand.Failed;
        }

        var results = RoutingTestRunner.Run(mesh, cases).ToArray();
        RoutingTestReport.WriteText(results, output);
        return TryWriteJUnit(results, junit, error) && results.Length > 0 && results.All(result => result.Failures.IsEmpty)
            ? 0
            : GatewayCommand.Failed;
    }

    private static bool TryWriteJUnit(RoutingTestResult[] results, string? file, TextWriter error)
    {
        try
        {
            if (file is not null)
            {
                using var stream = File.Create(file);
                RoutingTestReport.WriteJUnit(results, stream);
            }

            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"--junit {file}: cannot be written: {exception.Message}");
            return false;
        }
    }
}
