using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using Istio.Documents;
using Istio.Validation;

namespace Gateway.Tests.Mesh;

/// <summary>docs/validation.md is the table of codes, of validation and of the gateway; ACCEPT=1 writes it.</summary>
public class DocumentationTests
{
    [Fact]
    public void Documentation_lists_every_code()
    {
        var file = Path.Combine(Root(), "docs", "validation.md");
        var wanted = Write();
        if (Environment.GetEnvironmentVariable("ACCEPT") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, wanted);
        }

        Assert.True(File.Exists(file), "docs/validation.md is missing; run this test with ACCEPT=1 to write it.");
        Assert.Equal(wanted, File.ReadAllText(file).ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Every_code_of_the_product_is_one_finding_and_is_explained()
    {
        var codes = Codes(typeof(Validator).Assembly).Concat(Codes(typeof(GatewayCommand).Assembly)).ToArray();
        Assert.Equal([], codes.GroupBy(code => code.Code).Where(group => group.Count() > 1).Select(group => group.Key));
        Assert.All(codes, code =>
        {
            Assert.Matches("^(YAML|IST|MESH|GWY)[0-9]{3,4}$", code.Code);
            Assert.False(string.IsNullOrWhiteSpace(code.Title) || string.IsNullOrWhiteSpace(code.Example), code.Code);
            Assert.EndsWith(".", code.Meaning, StringComparison.Ordinal);
            Assert.EndsWith(".", code.Fix, StringComparison.Ordinal);
        });
        var gateway = Codes(typeof(GatewayCommand).Assembly).Select(code => code.Code).ToArray();
        Assert.NotEmpty(gateway);
        Assert.All(gateway, code => Assert.StartsWith("GWY", code, StringComparison.Ordinal));
        Assert.Equal(
            ValidationCodes.All.Select(code => code.Code).Order(StringComparer.Ordinal),
            Codes(typeof(Validator).Assembly).Select(code => code.Code).Order(StringComparer.Ordinal));
    }

    /// <summary>The codes that an assembly declares.</summary>
    private static IEnumerable<FindingCode> Codes(Assembly assembly) =>
        assembly.GetTypes().SelectMany(type => type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            .Where(field => field.FieldType == typeof(FindingCode))
            .Select(field => (FindingCode)field.GetValue(null)!)
            .OrderBy(code => code.Code, StringComparer.Ordinal);

    private static string Root([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", ".."));

    private static string Write()
    {
        var text = new StringBuilder("""
            # Validation

            Kubernetes and Istio documents are checked before anything runs or is published. Errors stop a run and a publish, warnings are
            printed. The same checks for any file or folder:

            ```
            dotnet run --project Gateway -- validate PATH... [--output json]
            ```

            prints one finding a line, `file:line: error|warning CODE kind/name field: message`, or a JSON array, and exits with 1 when
            there is an error. Files are checked together: what one names, another may declare.

            - **YAML001 ...** are faults of the files themselves.
            - **IST0002 ...** are the codes of `istioctl analyze`, where the check is the same. IST0106 stands for everything that the API
              server and Istio's admission webhook reject, IST0133 for what the webhook accepts with a warning; the message says which rule
              it is. The content of an EnvoyFilter's patch is Envoy's matter and is not checked, except for local rate limits.
            - **MESH001 ...** are traps that neither sees: valid documents that do not do what they seem to say.
            - **GWY001 ...** are what the gateway adds when it is to execute the documents (`--mesh DIR`): what it cannot, or does not on
              one machine. `validate` does not give them.

            Of `istioctl analyze`'s codes these are not given, for files do not tell: IST0001 (a fault of the tool itself), IST0126 (names
            of other clusters' registries), IST0141 and IST0142 (permissions and version of the API server), IST0143 (listeners of running
            proxies), IST0156 and IST0172 (versions that a cluster serves; IST0176 speaks of definitions in files), IST0158 (images of
            running pods), IST0168 and IST0169 (an upgrade between two versions), IST0170 (several clusters). IST0136 and IST0148 are mere
            information.

            Documents that agree in kind, namespace and name are alternatives, of which a cluster has one; they are not held against each
            other. A document without namespace may be deployed to any.

            Files are often a part of what a cluster has, so a name that leads nowhere (IST0101) is an error only where the documents are
            evidently complete: a host when they have other Services of its namespace, a subset when they have a DestinationRule for its
            host, a gateway when they have other Gateways of its namespace.

            A finding that is known and meant is left out by Istio's annotation on the resource,
            `galley.istio.io/analyze-suppress: "MESH012,IST0118"` (or `"*"`); IST0106 cannot be left out.

            A file that is named holds resources; anything else in it is an error. A folder is walked as it stands in a repository: values
            of charts, compose files, configuration of tools and other files without resources of a cluster are left out (their number is
            printed), as are kustomization files, the patches that they name, and the templates of charts (YAML015). A resource without a
            name is sound when it has `metadata.generateName`.

            Every message, with the YAML that gives it, stands in `tests/Istio.Tests/Validation/cases`. This page is generated from the
            table of codes (`ACCEPT=1` with the tests of `Gateway.Tests` writes it).

            | Code | | |
            |---|---|---|

            """.ReplaceLineEndings("\n"));
        var codes = ValidationCodes.All.Concat(Codes(typeof(GatewayCommand).Assembly)).ToArray();
        foreach (var code in codes)
        {
            text.Append($"| [{code.Code}](#{code.Code.ToLowerInvariant()}) | {Level(code)} | {code.Title} |\n");
        }

        foreach (var code in codes)
        {
            text.Append(
                $"\n## {code.Code}\n\n**{code.Title}** ({Level(code)})\n\n{code.Meaning}\n\n```yaml\n{code.Example}\n```\n\n{code.Fix}\n");
        }

        return text.ToString();
    }

    private static string Level(FindingCode code) => code.Severity == Severity.Error ? "error" : "warning";
}
