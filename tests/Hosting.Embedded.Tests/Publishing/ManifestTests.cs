using System.Text.Json;
using System.Text.Json.Nodes;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Hosting.Embedded.Tests.Orchestration;

namespace Hosting.Embedded.Tests.Publishing;

/// <summary>The manifest, entry by entry as Aspire 13.6 writes it: keys in its order, values in its expressions.</summary>
public sealed class ManifestTests : IDisposable
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n" };

    private readonly TemporaryDirectory _directory = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Output => Path.Combine(_directory.Path, "manifest.json");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_project_has_its_path_environment_and_bindings()
    {
        using var ping = new TestProject();
        using var gateway = new TestProject();
        var builder = Publish();
        var service = builder.AddTestProject("ping", ping).WithHttpEndpoint().WithReplicas(3);
        builder.AddTestProject("gateway", gateway).WithHttpEndpoint(port: 80).WithExternalHttpEndpoints()
            .WithReference(service).WithEnvironment("PORT", service.GetEndpoint("http").Property(EndpointProperty.TargetPort)).WithArgs("--mesh", "/mesh");
        await AssertManifestAsync(
            builder,
            $$"""
            {
              "resources": {
                "ping": {
                  "type": "project.v0",
                  "path": "{{RelativePath(ping)}}",
                  "env": {
                    "OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY": "in_memory",
                    "ASPNETCORE_FORWARDEDHEADERS_ENABLED": "true",
                    "HTTP_PORTS": "{ping.bindings.http.targetPort}"
                  },
                  "bindings": {
                    "http": {
                      "scheme": "http",
                      "protocol": "tcp",
                      "transport": "http"
                    }
                  }
                },
                "gateway": {
                  "type": "project.v0",
                  "path": "{{RelativePath(gateway)}}",
                  "args": [
                    "--mesh",
                    "/mesh"
                  ],
                  "env": {
                    "OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY": "in_memory",
                    "ASPNETCORE_FORWARDEDHEADERS_ENABLED": "true",
                    "HTTP_PORTS": "{gateway.bindings.http.targetPort}",
                    "PING_HTTP": "{ping.bindings.http.url}",
                    "services__ping__http__0": "{ping.bindings.http.url}",
                    "PORT": "{ping.bindings.http.targetPort}"
                  },
                  "bindings": {
                    "http": {
                      "scheme": "http",
                      "protocol": "tcp",
                      "transport": "http",
                      "port": 80,
                      "external": true
                    }
                  }
                }
              }
            }
            """);
    }

    [Fact]
    public async Task A_container_that_is_built_has_its_build_instead_of_an_image()
    {
        var builder = Publish();
        builder.AddDockerfile("tool", _directory.Path, "My.Dockerfile", "final").WithBuildArg("VERSION", "1").WithBuildArg("DEBUG", false)
            .WithBuildArg("NAME", builder.AddParameter("name", "x"));
        await builder.Build().StartAsync(Cancellation);

        var tool = JsonNode.Parse(await File.ReadAllTextAsync(Output, Cancellation))!["resources"]!["tool"]!;

        Assert.Equal(
            """{"type":"container.v1","build":{"context":".","dockerfile":"My.Dockerfile","stage":"final","args":{"VERSION":"1","DEBUG":"false","NAME":"{name.value}"}}}""",
            tool.ToJsonString());
    }

    [Fact]
    public async Task A_container_has_its_image_arguments_mounts_and_bindings()
    {
        var builder = Publish();
        builder.AddContainer("cache", "redis", "8").WithEntrypoint("/bin/sh").WithArgs("-c", "redis-server")
            .WithVolume("data", "/data").WithVolume("/tmp").WithBindMount(Path.Combine(_directory.Path, "conf"), "/etc/redis", isReadOnly: true)
            .WithEndpoint(targetPort: 6379, scheme: "tcp", name: "tcp").WithHttpEndpoint(port: 9000, targetPort: 80);
        await AssertManifestAsync(
            builder,
            """
            {
              "resources": {
                "cache": {
                  "type": "container.v0",
                  "image": "docker.io/redis:8",
                  "entrypoint": "/bin/sh",
                  "args": [
                    "-c",
                    "redis-server"
                  ],
                  "bindMounts": [
                    {
                      "source": "conf",
                      "target": "/etc/redis",
                      "readOnly": true
                    }
                  ],
                  "volumes": [
                    {
                      "name": "data",
                      "target": "/data",
                      "readOnly": false
                    },
                    {
                      "target": "/tmp",
                      "readOnly": false
                    }
                  ],
                  "bindings": {
                    "tcp": {
                      "scheme": "tcp",
                      "protocol": "tcp",
                      "transport": "tcp",
                      "targetPort": 6379
                    },
                    "http": {
                      "scheme": "http",
                      "protocol": "tcp",
                      "transport": "http",
                      "port": 9000,
                      "targetPort": 80
                    }
                  }
                }
              }
            }
            """.Replace("docker.io/redis:8", "redis:8", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_parameter_says_what_its_value_is_and_one_that_is_encoded_has_an_entry_of_its_own()
    {
        var builder = Publish();
        var password = builder.AddParameter("password", new GenerateParameterDefault { MinLength = 10, Special = false, MinUpper = 2 }, secret: true);
        builder.AddParameter("greeting", "hello", publishValueAsDefault: true);
        builder.AddConnectionString("store");
        builder.AddConnectionString("cache", ReferenceExpression.Create($"redis://:{password.Resource:uri}@cache"));
        await AssertManifestAsync(
            builder,
            """
            {
              "resources": {
                "password": {
                  "type": "parameter.v0",
                  "value": "{password.inputs.value}",
                  "inputs": {
                    "value": {
                      "type": "string",
                      "secret": true,
                      "default": {
                        "generate": {
                          "minLength": 10,
                          "special": false,
                          "minUpper": 2
                        }
                      }
                    }
                  }
                },
                "greeting": {
                  "type": "parameter.v0",
                  "value": "{greeting.inputs.value}",
                  "inputs": {
                    "value": {
                      "type": "string",
                      "default": {
                        "value": "hello"
                      }
                    }
                  }
                },
                "store": {
                  "type": "parameter.v0",
                  "connectionString": "{store.value}",
                  "value": "{store.inputs.value}",
                  "inputs": {
                    "value": {
                      "type": "string",
                      "secret": true
                    }
                  }
                },
                "cache": {
                  "type": "value.v0",
                  "connectionString": "redis://:{password-uri-encoded.value}@cache"
                },
                "password-uri-encoded": {
                  "type": "annotated.string",
                  "value": "{password.value}",
                  "filter": "uri"
                }
              }
            }
            """);
    }

    [Fact]
    public async Task Other_resources_write_themselves_are_left_out_or_say_that_they_cannot()
    {
        var builder = Publish();
        builder.AddExecutable("tool", "npm", Path.Combine(_directory.Path, "web"), "start");
        builder.AddResource(new CustomResource("custom")).WithManifestPublishingCallback(context => context.Writer.WriteString("type", "custom.v0"));
        builder.AddResource(new CustomResource("hidden")).ExcludeFromManifest();
        builder.AddResource(new CustomResource("unknown"));
        await AssertManifestAsync(
            builder,
            """
            {
              "resources": {
                "tool": {
                  "type": "executable.v0",
                  "workingDirectory": "web",
                  "command": "npm",
                  "args": [
                    "start"
                  ]
                },
                "custom": {
                  "type": "custom.v0"
                },
                "unknown": {
                  "error": "This resource does not support generation in the manifest."
                }
              }
            }
            """);
    }

    [Fact]
    public async Task What_is_deployed_to_a_compute_environment_is_of_version_1_and_says_how()
    {
        using var project = new TestProject();
        var builder = Publish();
        var target = new CustomResource("target");
        target.Annotations.Add(new ManifestPublishingCallbackAnnotation(context => context.Writer.WriteString("type", "deployment.v0")));
        builder.AddTestProject("ping", project).WithAnnotation(new DeploymentTargetAnnotation(target));
        builder.AddContainer("cache", "redis").WithAnnotation(new DeploymentTargetAnnotation(target));
        var resources = (await PublishAsync(builder))["resources"]!;
        Assert.Equal("project.v1", (string?)resources["ping"]!["type"]);
        Assert.Equal("container.v1", (string?)resources["cache"]!["type"]);
        Assert.Equal("deployment.v0", (string?)resources["ping"]!["deployment"]!["type"]);
    }

    [Fact]
    public async Task Only_the_first_HTTP_endpoint_of_a_project_gets_its_port_from_the_deployment_tool()
    {
        using var project = new TestProject();
        var builder = Publish();
        builder.AddTestProject("ping", project).WithHttpEndpoint().WithHttpEndpoint(name: "admin").WithEndpoint(scheme: "tcp", name: "raw");
        var bindings = (await PublishAsync(builder))["resources"]!["ping"]!["bindings"]!;
        Assert.Null(bindings["http"]!["targetPort"]);
        Assert.Equal(8000, (int?)bindings["admin"]!["targetPort"]);
        Assert.Equal(8001, (int?)bindings["raw"]!["targetPort"]);
        Assert.Null(bindings["raw"]!["port"]);
    }

    [Fact]
    public async Task The_publisher_and_the_step_write_the_same_and_what_is_the_same_is_not_touched()
    {
        await PublishAsync(Declare(Publish()));
        var first = await File.ReadAllTextAsync(Output, Cancellation);
        var written = new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(Output, written);

        await PublishAsync(Declare(DistributedApplicationTestingBuilder.Create("--publisher", "manifest", "--output-path", Output)));

        Assert.Equal(first, await File.ReadAllTextAsync(Output, Cancellation));
        Assert.Equal(written, File.GetLastWriteTimeUtc(Output));
        Assert.Equal([Output], Directory.GetFiles(_directory.Path));

        static IDistributedApplicationTestingBuilder Declare(IDistributedApplicationTestingBuilder builder)
        {
            builder.AddParameter("name", "value");
            return builder;
        }
    }

    [Fact]
    public async Task A_directory_gets_aspire_manifest_json_and_an_output_path_is_needed()
    {
        await using (var app = Publish(_directory.Path).Build())
        {
            await app.StartAsync(Cancellation);
        }

        Assert.True(File.Exists(Path.Combine(_directory.Path, "aspire-manifest.json")));
        await using var without = DistributedApplicationTestingBuilder.Create("--publisher", "manifest").Build();
        var error = await Assert.ThrowsAsync<DistributedApplicationException>(() => without.StartAsync(Cancellation));
        Assert.Contains("--output-path", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_output_path_that_cannot_be_written_is_one_sentence()
    {
        var file = _directory.Write("file", "");
        await using var app = Publish(Path.Combine(file, "manifest.json")).Build();
        var error = await Assert.ThrowsAsync<DistributedApplicationException>(() => app.StartAsync(Cancellation));
        Assert.StartsWith($"The manifest cannot be written to '{Path.Combine(file, "manifest.json")}': ", error.Message, StringComparison.Ordinal);
    }

    private IDistributedApplicationTestingBuilder Publish(string? output = null) =>
        DistributedApplicationTestingBuilder.Create("--operation", "publish", "--step", "publish-manifest", "--output-path", output ?? Output);

    private async Task<JsonNode> PublishAsync(IDistributedApplicationTestingBuilder builder)
    {
        await using var app = builder.Build();
        await app.StartAsync(Cancellation);
        return JsonNode.Parse(await File.ReadAllTextAsync(Output, Cancellation))!;
    }

    private async Task AssertManifestAsync(IDistributedApplicationTestingBuilder builder, string expected) =>
        Assert.Equal(expected, (await PublishAsync(builder)).ToJsonString(Indented));

    private string RelativePath(TestProject project) =>
        Path.GetRelativePath(_directory.Path, project.ProjectPath).Replace('\\', '/');
}
