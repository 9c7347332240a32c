namespace Publishing.Tests;

/// <summary>What cannot be published says so in one sentence, and the output of the last time stays.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--Components=ingress,teleport", "there is no component teleport; choose from ")]
    [InlineData("--Namespace=Shop", "a namespace has 1 to 63 lower-case letters")]
    [InlineData("--Mtls=sometimes", "use permissive (the default) or strict")]
    [InlineData("--Registry=https://x", "is not a valid image name for ping")]
    [InlineData("--ImageTag=a b", "is not a valid image name for ping")]
    public async Task A_wrong_setting_leaves_the_old_output(string argument, string message)
    {
        await Model().PublishAsync();
        var before = Repository.Files(_folder.File("output"));

        Assert.Contains(message, await Model(argument).ErrorAsync(), StringComparison.Ordinal);

        Assert.Equal(before, Repository.Files(_folder.File("output")));
    }

    [Fact]
    public async Task A_rule_with_an_error_leaves_the_old_output()
    {
        await Model().PublishAsync();
        var before = Repository.Files(_folder.File("output"));
        var rule = _folder.Write("rule.yaml", "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata:\n  name: ping\nspec:\n  hosts: [ping]\n  http:\n  - timeout: soon\n    route:\n    - destination:\n        host: ping\n");

        Assert.StartsWith($"{rule}:8: error ", await Model(yaml: rule).ErrorAsync(), StringComparison.Ordinal);

        Assert.Equal(before, Repository.Files(_folder.File("output")));
    }

    [Fact]
    public async Task Templates_and_settings_must_be_there()
    {
        var builder = Model();
        _folder.Write("AppHost/aspirate.json", """{ "TemplatePath": "./nowhere" }""");
        Assert.StartsWith($"The template {_folder.File("AppHost/nowhere/deployment.hbs")} cannot be used: ", await builder.ErrorAsync(), StringComparison.Ordinal);

        builder = Model();
        _folder.Write("AppHost/aspirate.json", "{\n\"TemplatePath\": }");
        Assert.StartsWith($"{_folder.File("AppHost/aspirate.json")}:2: ", await builder.ErrorAsync(), StringComparison.Ordinal);

        builder = Model();
        File.Delete(_folder.File("AppHost/aspirate.json"));
        Assert.Contains("does not exist; add it with a TemplatePath", await builder.ErrorAsync(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("output")));
    }

    private IDistributedApplicationBuilder Model(string? argument = null, string? yaml = null)
    {
        var builder = Publication.Declare(_folder, "publish", [$"--AspirateOutput={_folder.File("output")}", .. argument is null ? Array.Empty<string>() : [argument]]);
        builder.AddProject(_folder, "ping").WithHttpEndpoint();
        var mesh = builder.AddIstio("mesh");
        return yaml is null ? builder : mesh.WithYaml(yaml).ApplicationBuilder;
    }
}
