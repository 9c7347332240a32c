using Hosting.Istio;

namespace Publishing.Tests;

/// <summary>The verbs of an AppHost's command line.</summary>
public class DeploymentCommandTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("--Scenario=canary --port 8081", "--Scenario=canary --port 8081")]
    [InlineData("--publisher manifest --output-path m.json", "--publisher manifest --output-path m.json")]
    [InlineData("publish", "--operation publish --step publish")]
    [InlineData("publish --components ingress,istio --Scenario=canary", "--operation publish --step publish --Components=ingress,istio --Scenario=canary")]
    [InlineData("publish --output out --namespace shop --registry r --tag t --mtls strict",
        "--operation publish --step publish --Namespace=shop --AspirateOutput=out --Registry=r --ImageTag=t --Mtls=strict")]
    [InlineData("build --push --tag 1", "--operation publish --step build-images --ImageTag=1 --Images:Push=true")]
    [InlineData("build --archive out", "--operation publish --step build-images --Images:Archive=out")]
    [InlineData("apply --context prod --yes", "--operation publish --step apply-kubernetes --Kubernetes:Context=prod --Kubernetes:Yes=true")]
    [InlineData("destroy", "--operation publish --step destroy-kubernetes")]
    [InlineData("verify --conformance http://a --endpoints 10.0.0.1:9101-9108", "--operation publish --step verify-kubernetes --Kubernetes:Conformance=http://a --Kubernetes:Endpoints=10.0.0.1:9101-9108")]
    [InlineData("verify --url http://a/ --url http://b/", "--operation publish --step verify-kubernetes --Kubernetes:Url=http://a/ http://b/")]
    public void A_verb_is_a_step_and_its_options_are_configuration(string line, string translated)
    {
        var args = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(translated, string.Join(' ', DeploymentCommand.Translate(args, TextWriter.Null, TextWriter.Null, out var exitCode)!));
        Assert.Equal(0, exitCode);
    }

    [Theory]
    [InlineData("publish --component ingress", "--component")]
    [InlineData("apply --context", "--context")]
    [InlineData("destroy everything", "everything")]
    public void A_wrong_command_line_is_refused(string line, string word)
    {
        using var error = new StringWriter();
        Assert.Null(DeploymentCommand.Translate(line.Split(' '), TextWriter.Null, error, out var exitCode));
        Assert.Equal(2, exitCode);
        Assert.Contains(word, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Help_is_printed_and_nothing_runs()
    {
        using var output = new StringWriter();
        Assert.Null(DeploymentCommand.Translate(["apply", "--help"], output, TextWriter.Null, out var exitCode));
        Assert.Equal(0, exitCode);
        Assert.Contains("--context <NAME>", output.ToString(), StringComparison.Ordinal);
    }
}
