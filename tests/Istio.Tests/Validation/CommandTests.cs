using System.Text.Json;
using Istio.Documents;
using Istio.Validation;

namespace Istio.Tests.Validation;

/// <summary>The command's output and exit code, and the order of findings.</summary>
public sealed class CommandTests : IDisposable
{
    private const string Sound =
        "apiVersion: v1\nkind: Service\nmetadata: {name: ping}\nspec: {selector: {app: ping}, ports: [{name: http, port: 80}]}\n";
    private const string Suspicious = "apiVersion: v1\nkind: Service\nmetadata: {name: pong}\nspec:\n  ports:\n  - {name: web, port: 80}\n";
    private const string Wrong =
        "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata:\n  name: ping\nspec:\n  hosts: [ping]\n";

    private readonly string _folder = Directory.CreateTempSubdirectory("validation").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Sound_documents_print_nothing_and_exit_with_0()
    {
        var (exit, output, error) = Run(json: false, ("a.yaml", Sound));
        Assert.Equal((0, "", "1 document: 0 errors, 0 warnings\n"), (exit, output, error));
    }

    [Fact]
    public void Warnings_print_and_exit_with_0()
    {
        var (exit, output, error) = Run(json: false, ("a.yaml", Sound), ("b.yaml", Suspicious));
        Assert.Equal(0, exit);
        Assert.Equal($"{Path.Combine(_folder, "b.yaml")}:6: warning IST0118 Service/pong spec.ports[0]: Port 80 is named \"web\", which "
            + "tells no protocol; "
            + "name it http, grpc, tcp or the like, or set appProtocol.\n", output);
        Assert.Equal("2 documents: 0 errors, 1 warning\n", error);
    }

    [Fact]
    public void Errors_print_and_exit_with_1()
    {
        var (exit, output, _) = Run(json: false, ("a.yaml", Wrong));
        Assert.Equal(1, exit);
        Assert.Equal(
            $"{Path.Combine(_folder, "a.yaml")}:5: error IST0106 VirtualService/ping spec: The VirtualService has no rules; add http, tls "
            + "or tcp.\n", output);
    }

    [Fact]
    public void Json_has_a_member_for_each_part_of_a_finding()
    {
        var (exit, output, _) = Run(json: true, ("a.yaml", Wrong), ("b.yaml", Suspicious));
        Assert.Equal(1, exit);
        using var json = JsonDocument.Parse(output);
        Assert.Equal(2, json.RootElement.GetArrayLength());
        var finding = json.RootElement[0];
        Assert.Equal(["file", "line", "severity", "code", "kind", "name", "field", "message"], finding.EnumerateObject()
            .Select(member => member.Name));
        Assert.Equal(Path.Combine(_folder, "a.yaml"), finding.GetProperty("file").GetString());
        Assert.Equal(5, finding.GetProperty("line").GetInt32());
        Assert.Equal("error", finding.GetProperty("severity").GetString());
        Assert.Equal("IST0106", finding.GetProperty("code").GetString());
        Assert.Equal("VirtualService", finding.GetProperty("kind").GetString());
        Assert.Equal("ping", finding.GetProperty("name").GetString());
        Assert.Equal("spec", finding.GetProperty("field").GetString());
        Assert.Equal("The VirtualService has no rules; add http, tls or tcp.", finding.GetProperty("message").GetString());
        Assert.Equal("warning", json.RootElement[1].GetProperty("severity").GetString());
    }

    [Fact]
    public void Json_of_nothing_is_an_empty_array()
    {
        var (_, output, _) = Run(json: true, ("a.yaml", Sound));
        Assert.Equal("[]", output.Trim());
    }

    [Fact]
    public void No_path_is_wrong_usage()
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        Assert.Equal(2, ValidateCommand.Run([], json: false, output, error));
        Assert.StartsWith("No path given", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_that_does_not_exist_is_an_error()
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        Assert.Equal(1, ValidateCommand.Run([Path.Combine(_folder, "none")], json: false, output, error));
        Assert.Contains("YAML001", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Findings_are_in_the_order_of_file_line_and_code()
    {
        var (_, _, _) = Run(json: false, ("b.yaml", Wrong + "---\n" + Suspicious),
            ("a.yaml", "a: b: c\n---\n" + Wrong.Replace("hosts: [ping]", "hosts: [a_b, c_d]", StringComparison.Ordinal)));
        var findings = Validator.Validate(ResourceReader.ReadPaths([_folder]));
        Assert.Equal(
            [("a.yaml", 1, "YAML004"), ("a.yaml", 7, "IST0106"), ("a.yaml", 8, "IST0106"), ("a.yaml", 8, "IST0106"),
                ("b.yaml", 5, "IST0106"), ("b.yaml", 13, "IST0118")],
            findings.Select(finding => (Path.GetFileName(finding.Location.File), finding.Location.Line, finding.Code)));
        Assert.Equal(findings, Validator.Validate(ResourceReader.ReadPaths([_folder])));
    }

    [Fact]
    public void Replicas_can_be_given_by_the_caller()
    {
        const string Rule = "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: ping}\nspec: {host: ping, "
            + "trafficPolicy: {outlierDetection: {maxEjectionPercent: 20}}}\n";
        var resources = ResourceReader.ReadText(Sound + Rule, "a.yaml");
        Assert.Empty(Validator.Validate(resources));
        var options = new ValidationOptions();
        Assert.Equal("MESH001",
            Assert.Single(Validator.Validate(resources, options with { Replicas = options.Replicas.Add("ping", 3) })).Code);
        var one = options with { Replicas = options.Replicas.Add("ping.default.svc.cluster.local", 1) };
        Assert.Equal("MESH002", Assert.Single(Validator.Validate(resources, one)).Code);
        Assert.Empty(Validator.Validate(resources, options with { Replicas = options.Replicas.Add("ping", 5) }));
    }

    [Fact]
    public void Root_namespace_can_be_given_by_the_caller()
    {
        const string Documents = """
            apiVersion: v1
            kind: Service
            metadata: {name: ping}
            spec: {type: NodePort, selector: {app: ping}, ports: [{name: http, port: 80}]}
            ---
            apiVersion: security.istio.io/v1
            kind: PeerAuthentication
            metadata: {name: default, namespace: mesh-root}
            spec: {mtls: {mode: STRICT}}
            """;
        var resources = ResourceReader.ReadText(Documents, "a.yaml");
        Assert.Empty(Validator.Validate(resources));
        Assert.Equal("MESH019", Assert.Single(Validator.Validate(resources, new ValidationOptions { RootNamespace = "mesh-root" })).Code);
    }

    private (int Exit, string Output, string Error) Run(bool json, params (string Name, string Text)[] files)
    {
        foreach (var (name, text) in files)
        {
            File.WriteAllText(Path.Combine(_folder, name), text);
        }

        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        return (ValidateCommand.Run([_folder], json, output, error), output.ToString(), error.ToString());
    }
}
