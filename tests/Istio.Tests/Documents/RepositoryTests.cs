using Istio.Documents;
using Istio.Validation;

namespace Istio.Tests.Documents;

/// <summary>
/// What a repository holds besides resources is no fault when a folder is walked; a file that is named itself is judged all the same.
/// </summary>
public sealed class RepositoryTests : IDisposable
{
    private const string Service =
        "apiVersion: v1\nkind: Service\nmetadata: {name: ping}\nspec: {selector: {app: ping}, ports: [{name: http, port: 80}]}\n";

    private readonly string _folder = Directory.CreateTempSubdirectory("istio-repository-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>A file that a walk leaves out; the code that it gives when it is named, if any.</summary>
    public static TheoryData<string, string, string> Others => new()
    {
        { "values.yaml", "replicas: 3\nimage:\n  tag: v1\n", "YAML012" },
        { "Chart.yaml", "apiVersion: v2\nname: ping\nversion: 1.0.0\n", "YAML012" },
        { "docker-compose.yml", "services:\n  ping:\n    image: ping\n", "YAML012" },
        { "mesh.yaml", "accessLogFile: /dev/stdout\ndefaultConfig:\n  tracing: {}\n", "YAML012" },
        { "kubeconfig.yaml", "apiVersion: v1\nkind: Config\nclusters: []\ncurrent-context: a\n", "YAML013" },
        { "skaffold.yaml", "apiVersion: skaffold/v4beta6\nkind: Config\nbuild: {}\n", "YAML013" },
        { "kind.yaml", "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnodes: []\n", "YAML013" },
        { "kubelet.yaml", "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nport: 1\n", "YAML013" },
        { "json-patch.yaml", "- op: replace\n  path: /spec/hosts/0\n  value: a\n", "YAML012" },
        { "package.json", "{\"name\": \"ping\", \"version\": \"1.0.0\"}", "YAML012" },
        { "tsconfig.json", "{\n  // comments\n  \"compilerOptions\": {},\n}", "YAML012" },
        { "lines.json", "{\"a\": 1}\n{\"a\": 2}\n", "YAML012" },
        { "cloudformation.yaml", "Resources:\n  A: !Ref B\n  C: !Sub x\n", "YAML011" },
        { "page.json", "title: a\n  b: [\n", "YAML004" },
        { "text.yaml", "just words\n", "YAML012" },
        { "duplicates.yaml", "a: 1\na: 2\n", "YAML006" },
    };

    [Theory]
    [MemberData(nameof(Others))]
    public void A_walk_leaves_out_what_is_no_resource_and_a_named_file_is_judged(string name, string text, string code)
    {
        var path = Write(name, text);

        var walked = ResourceReader.ReadPaths([_folder]);
        Assert.Empty(walked.Findings);
        Assert.Empty(walked.Documents);
        Assert.Equal([path], walked.SkippedFiles);
        Assert.Equal(code, ResourceReader.ReadPaths([path]).Findings[0].Code);
    }

    /// <summary>Files that neither way are faults, with the number of their documents.</summary>
    public static TheoryData<string, string, int> Sound => new()
    {
        { "empty.yaml", "", 0 },
        { "blank.yaml", "\n\n---\n# nothing\n---\n", 0 },
        { "operator.yaml", "apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nspec: {profile: demo}\n", 1 },
        { "job.yaml", "apiVersion: batch/v1\nkind: Job\nmetadata:\n  generateName: load-\nspec: {}\n", 1 },
        {
            "pods.yaml",
            "apiVersion: v1\nkind: Pod\nmetadata: {generateName: a-}\n---\napiVersion: v1\nkind: Pod\nmetadata: {generateName: "
                + "a-}\n", 2
        },
        { "generated.yaml", Service.Replace("name: ping}", "generateName: ping-}", StringComparison.Ordinal), 1 },
        {
            "list.yaml",
            "apiVersion: v1\nkind: List\nmetadata: {resourceVersion: \"\"}\nitems:\n- {apiVersion: v1, kind: Namespace, "
                + "metadata: {name: a}}\n", 1
        },
        { "empty-list.yaml", "apiVersion: v1\nkind: List\nitems: []\n", 0 },
        { "null-list.yaml", "apiVersion: v1\nkind: ServiceList\nitems:\n", 0 },
        { "bare-list.yaml", "apiVersion: v1\nkind: List\n", 0 },
        { "review.yaml", "apiVersion: authorization.k8s.io/v1\nkind: SelfSubjectAccessReview\nspec: {}\n", 1 },
    };

    [Theory]
    [MemberData(nameof(Sound))]
    public void Documents_without_a_name_that_need_none_are_sound_everywhere(string name, string text, int documents)
    {
        var path = Write(name, text);
        foreach (var argument in new[] { _folder, path })
        {
            var set = ResourceReader.ReadPaths([argument]);
            Assert.Empty(Validator.Validate(set));
            Assert.Equal(documents, set.Documents.Length);
        }
    }

    /// <summary>Resources with a fault, which a walk reports as well.</summary>
    public static TheoryData<string, string> Faults => new()
    {
        { "apiVersion: v1\nkind: Service\nspec: {}\n", "YAML013" },
        { "apiVersion: v1\nkind: ConfigMap\nmetadata: {namespace: a}\n", "YAML013" },
        { "apiVersion: networking.istio.io/v1\nkind: VirtualService\nspec: {}\n", "YAML013" },
        { "apiVersion: example.com/v1\nkind: Thing\nmetadata: {labels: {a: b}}\n", "YAML013" },
        { "kind: VirtualService\nmetadata: {name: a}\n", "YAML012" },
        { "apiVersion: v1\nmetadata: {name: a}\n", "YAML012" },
        { "apiVersion: v1\nkind: Service\nmetadata: {name: a\n", "YAML004" },
        { "apiVersion: v1\nkind: Service\nmetadata:\n\tname: a\n", "YAML005" },
        { "spec: [unclosed\n", "YAML004" },
        { "apiVersion: v1\nkind: Service\nmetadata: {name: a, name: b}\n", "YAML006" },
        { "a: &a [x, *a]\nkind: b\n", "YAML009" },
        { "apiVersion: v1\nkind: Service\nmetadata: {generateName: 5}\n", "YAML013" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_resource_with_a_fault_is_reported_by_a_walk_too(string text, string code)
    {
        Write("a.yaml", text + "---\n" + Service);
        var set = ResourceReader.ReadPaths([_folder]);
        Assert.Equal([code], set.Findings.Select(finding => finding.Code).Distinct());
    }

    [Fact]
    public void Templates_of_a_chart_give_one_note()
    {
        Write("chart/Chart.yaml", "apiVersion: v2\nname: ping\nversion: 1.0.0\n");
        Write("chart/values.yaml", "replicas: 3\n");
        Write("chart/crds/service.yaml", Service);
        Write("chart/templates/a.yaml", "metadata:\n  name: {{ .Release.Name }}\n");
        Write("chart/templates/deeper/b.yaml", "kind: Service\n");

        var set = ResourceReader.ReadPaths([_folder]);

        Assert.Equal(
            $"{_folder}/chart/Chart.yaml:1: warning YAML015 The templates of this chart are not read; validate what helm template makes of "
            + "them.",
            Assert.Single(set.Findings).ToString());
        Assert.Equal("ping", Assert.Single(set.Documents).Name);
    }

    [Theory]
    [InlineData("apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .Release.Name }}\n", 4)]
    [InlineData("{{- if .Values.a }}\napiVersion: v1\nkind: Service\n{{- end }}\n", 1)]
    [InlineData("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: \"{{ .Namespace }}\"\n", 4)]
    [InlineData("apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  namespace: ${SPACE}\n", 5)]
    [InlineData("apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: a}\nspec:\n  servers:\n  - hosts: [\"${HOST}\"]\n", 6)]
    [InlineData("apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: a}\nspec: {servers: [{hosts: [a.$(SPACE).b]}]}\n", 4)]
    [InlineData("apiVersion: v1\nkind: Service\nmetadata: {name: a}\n{% for a in b %}\n---\n{{ x }}: a\n", 6)]
    public void A_template_outside_a_chart_is_not_read_when_it_is_met(string text, int line)
    {
        var path = Write("a.yaml", Service + "---\n" + text);
        line += Service.Count(c => c == '\n') + 1;

        var set = ResourceReader.ReadPaths([_folder]);

        Assert.Empty(set.Documents);
        var finding = Assert.Single(set.Findings);
        Assert.Equal(("YAML015", Severity.Warning), (finding.Code, finding.Severity));
        Assert.True(finding.Location.Line <= line, finding.ToString());
        Assert.DoesNotContain("YAML015", Validator.Validate(ResourceReader.ReadPaths([path])).Select(found => found.Code));
    }

    [Fact]
    public void Braces_in_longer_texts_are_no_template()
    {
        Write("rules.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: alerts}\ndata:\n  a: |\n    {{ $labels.pod }} is down\n"
            + "  b: \"{{ c }}\"\n");
        var set = ResourceReader.ReadPaths([_folder]);
        Assert.Empty(set.Findings);
        Assert.Single(set.Documents);
    }

    [Fact]
    public void Patches_of_a_kustomization_are_instructions()
    {
        Write("overlay/kustomization.yaml", """
            resources: [service.yaml]
            patchesStrategicMerge: [patch.yaml, "apiVersion: v1\nkind: Service"]
            patches:
            - path: more/json.yaml
              target: {kind: Service}
            - patch: "- op: remove"
            """);
        Write("overlay/service.yaml", Service);
        Write("overlay/patch.yaml", "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a}\nspec: {http: []}\n");
        Write("overlay/more/json.yaml", "- op: remove\n  path: /spec\n");

        var set = ResourceReader.ReadPaths([_folder]);

        Assert.Empty(Validator.Validate(set));
        Assert.Equal("ping", Assert.Single(set.Documents).Name);
        Assert.Empty(set.SkippedFiles);
    }

    [Fact]
    public void A_generated_name_must_be_able_to_become_one()
    {
        var text = Service.Replace("name: ping}", "generateName: Ping_}", StringComparison.Ordinal);
        var finding = Assert.Single(Validator.Validate(ResourceReader.ReadText(text, "a.yaml")));
        Assert.Equal(
            "a.yaml:3: error IST0106 Service metadata.generateName: \"Ping_\" is not the beginning of a resource's name; use lower-case "
            + "letters, digits, hyphens and dots.", finding.ToString());
    }

    [Fact]
    public void The_command_says_how_many_files_it_left_out()
    {
        Write("values.yaml", "a: b\n");
        Write("service.yaml", Service);
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        Assert.Equal(0, ValidateCommand.Run([_folder], json: false, output, error));
        Assert.Equal("1 document: 0 errors, 0 warnings\nLeft out: 1 file without resources of a cluster.\n", error.ToString());
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }
}
