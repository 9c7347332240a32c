using System.Text.Json.Nodes;
using Hosting.Istio.Publishing;
using Hosting.Istio.Publishing.Aspirate;

namespace Publishing.Tests;

/// <summary>What aspirate makes of a manifest and templates, and our rendering with it.</summary>
public sealed class RenderingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_project_s_data_reaches_the_templates_under_aspirate_s_names()
    {
        Templates(
            deployment: "{{name}} {{containerImage}} {{imagePullPolicy}} {{isProject}} {{#each ports}}{{name}}:{{internalPort}}/{{externalPort}} {{/each}}{{#each args}}{{{this}}} {{/each}}",
            service: "{{serviceType}} {{hasPorts}} {{hasAnyEnv}} {{hasVolumes}} {{hasAnySecrets}} {{secretsDisabled}}",
            kustomization: "{{#if name}}{{#each env}}{{@key}}={{{this}}}\n{{/each}}{{else}}{{namespace}}: {{#each manifests}}{{this}} {{/each}}{{/if}}");
        var project = _folder.Write("Ping/Ping.csproj", "<Project><PropertyGroup><ContainerRepository>Ping-Service</ContainerRepository></PropertyGroup></Project>");

        var tree = Render($$"""
            {
              "Ping": {
                "type": "project.v0", "path": "{{project}}", "args": [ "--a", "{not.resolved}" ],
                "env": { "URL": "{Ping.bindings.http.url}", "EMPTY": "", "ALL": "{Ping.bindings.http.host}:{Ping.bindings.http.port} {Ping.bindings.admin.scheme} \u007b\u007bx\u007d\u007d" },
                "bindings": { "http": { "scheme": "http" }, "admin": { "scheme": "http", "port": 9000, "targetPort": 9001 } }
              },
              "name": { "type": "parameter.v0", "value": "world" }
            }
            """);

        Assert.Equal("ping registry.example.com/team/ping-service:1.2 IfNotPresent True http:8080/0 admin:9001/9000 --a {not.resolved} ", tree["Ping/deployment.yaml"]);
        Assert.Equal("ClusterIP True True False False True", tree["Ping/service.yaml"]);
        Assert.Equal("URL=http://Ping:8080\nALL=Ping:8080 http {x}\n", tree["Ping/kustomization.yaml"]);
        Assert.Equal("demo: Ping namespace.yaml ", tree["kustomization.yaml"]);
        Assert.Equal(["Ping/deployment.yaml", "Ping/kustomization.yaml", "Ping/service.yaml", "kustomization.yaml", "namespace.yaml"], tree.Keys);
    }

    [Fact]
    public void Only_four_characters_are_escaped_and_three_braces_escape_none()
    {
        Templates(deployment: "", service: "", kustomization: "{{#each env}}{{this}}|{{{this}}}{{/each}}");
        var project = _folder.Write("a.csproj", "<Project />");
        var tree = Render($$"""{ "a": { "type": "project.v0", "path": "{{project}}", "env": { "X": "<a href=\"x\">'`=&" } } }""");
        Assert.Equal("&lt;a href=&quot;x&quot;&gt;'`=&amp;|<a href=\"x\">'`=&", tree["a/kustomization.yaml"]);
    }

    [Fact]
    public void A_container_with_volumes_is_a_stateful_set()
    {
        Templates(deployment: "", service: "", kustomization: "{{#each manifests}}{{this}} {{/each}}");
        _folder.Write("templates/statefulset.hbs", "{{entrypoint}} {{containerImage}} {{#each volumes}}{{this.name}}:{{this.target}} {{/each}}");
        var tree = Render("""
            {
              "cache": {
                "type": "container.v0", "image": "Redis:8", "entrypoint": "/bin/sh",
                "volumes": [ { "name": "My.Data", "target": "/data" }, { "target": "/tmp/x" } ]
              }
            }
            """);
        Assert.Equal("/bin/sh redis:8 my-data:/data cache-tmp-x:/tmp/x ", tree["cache/statefulset.yaml"]);
        Assert.Equal("statefulset.yaml service.yaml ", tree["cache/kustomization.yaml"]);
    }

    [Theory]
    [InlineData("{key.value}", "is a secret, and a ConfigMap would show it")]
    [InlineData("{absent.value}", "refers to absent, which is not published")]
    [InlineData("{a.bindings.http.url}", "has no value in Kubernetes")]
    [InlineData("{name.other}", "has no value in the manifest")]
    [InlineData("{loop.value}", "refers to itself")]
    public void What_cannot_be_resolved_says_where_it_stands(string expression, string message)
    {
        Templates(deployment: "", service: "", kustomization: "");
        var project = _folder.Write("a.csproj", "<Project />");
        var error = Assert.Throws<DistributedApplicationException>(() => Render($$"""
            {
              "a": { "type": "project.v0", "path": "{{project}}", "env": { "X": "{{expression}}" } },
              "key": { "type": "parameter.v0", "secret": true },
              "name": { "type": "parameter.v0", "value": "world" },
              "loop": { "type": "parameter.v0", "value": "{loop.value}" }
            }
            """));
        Assert.StartsWith("Environment variable X of a: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_container_that_is_built_is_named_as_aspirate_names_it()
    {
        Templates("{{containerImage}}", "", "");
        Assert.Equal("registry.example.com/team/tool:1.2", Render("""{ "tool": { "type": "container.v1", "build": { "context": "." } } }""")["tool/deployment.yaml"]);
    }

    [Theory]
    [InlineData("<ContainerRepository>-x-</ContainerRepository>", null, "registry.example.com/-x-:1 is not a valid image name for ping")]
    [InlineData("<ContainerRepository>$(Name)</ContainerRepository>", null, "write the name itself")]
    [InlineData("", "https://registry.example.com", "https://registry.example.com/ping:1 is not a valid image name for ping")]
    public void An_image_name_must_be_one(string properties, string? registry, string message)
    {
        var project = _folder.Write("ping.csproj", $"<Project><PropertyGroup>{properties}</PropertyGroup></Project>");
        var error = Assert.Throws<DistributedApplicationException>(() => new ProjectImage(project, "ping")
            .Reference(new AspirateSettings("", "registry.example.com", null, "1"), Options() with { Registry = registry }));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", null, null, "registry.example.com/ping:1")]
    [InlineData("<ContainerRepository>ping-service</ContainerRepository>", "localhost:5000", "v2", "localhost:5000/ping-service:v2")]
    [InlineData("<ContainerRegistry>ghcr.io</ContainerRegistry><ContainerImageTag>3</ContainerImageTag>", "localhost:5000", "v2", "ghcr.io/ping:3")]
    public void The_project_file_comes_before_the_command_line_and_that_before_aspirate_json(string properties, string? registry, string? tag, string image)
    {
        var project = _folder.Write("ping.csproj", $"<Project><PropertyGroup>{properties}</PropertyGroup></Project>");
        Assert.Equal(image, new ProjectImage(project, "ping").Reference(
            new AspirateSettings("", "registry.example.com", null, "1"), Options() with { Registry = registry, ImageTag = tag }));
    }

    private void Templates(string deployment, string service, string kustomization)
    {
        _folder.Write("templates/deployment.hbs", deployment);
        _folder.Write("templates/service.hbs", service);
        _folder.Write("templates/kustomization.hbs", kustomization);
        _folder.Write("templates/namespace.hbs", "{{namespace}}");
    }

    private static PublishOptions Options() => new() { Output = "", AppHostDirectory = "" };

    private IReadOnlyDictionary<string, string> Render(string resources)
    {
        var tree = new OutputTree();
        new AspirateRenderer(new AspirateSettings(_folder.File("templates"), "registry.example.com", "team", "1.2"), Options())
            .Render((JsonObject)JsonNode.Parse(resources)!, tree);
        return tree.Files;
    }
}
