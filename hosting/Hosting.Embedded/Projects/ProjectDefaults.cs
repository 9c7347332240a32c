using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting;

/// <summary>
/// What every project gets: endpoints and variables of its launch profile or Kestrel configuration, and OpenTelemetry settings.
/// </summary>
internal static class ProjectDefaults
{
    public static void Apply(IResourceBuilder<ProjectResource> builder, ProjectResourceOptions options)
    {
        var context = builder.ApplicationBuilder.ExecutionContext;
        AddConsoleSettings(builder);
        builder.WithOtlpExporter();
        AddLaunchProfileChoice(builder, options);

        var profile = LaunchProfiles.Effective(builder.Resource);
        var kestrel = options.ExcludeKestrelEndpoints
            ? []
            : KestrelEndpoints.Read(builder.Resource.GetProjectMetadata().ProjectPath, builder.ApplicationBuilder.Environment);
        foreach (var endpoint in kestrel)
        {
            endpoint.AddTo(builder, context);
        }

        if (kestrel.Count > 0)
        {
            AddKestrelOverrides(builder);
        }

        if (context.IsPublishMode)
        {
            AddForwardedHeaders(builder);
            var isWebProject = profile?.Profile.ApplicationUrl is not null || kestrel.Count > 0;
            AddPublishEndpoints(builder, hasKestrelEndpoints: kestrel.Count > 0, isWebProject);
            return;
        }

        if (kestrel.Count == 0)
        {
            AddAspNetCoreUrls(builder);
            AddProfileEndpoints(builder, profile?.Profile);
        }

        AddProfileVariables(builder, profile);
    }

    /// <summary>The HTTP endpoints a project is told to listen on.</summary>
    internal static IEnumerable<EndpointReference> ListenedEndpoints(ProjectResource project) => project.GetEndpoints()
        .Where(e => e.Scheme is "http" or "https" && !e.EndpointAnnotation.HasPortVariable)
        .Where(e => project.Annotations.OfType<EndpointEnvironmentFilterAnnotation>().All(f => f.Filter(e.EndpointAnnotation)));

    private static void AddConsoleSettings(IResourceBuilder<ProjectResource> builder) => builder.WithEnvironment(context =>
    {
        // https://github.com/open-telemetry/opentelemetry-dotnet: retry of exports is opt-in.
        context.EnvironmentVariables["OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY"] = "in_memory";
        if (context.ExecutionContext.IsRunMode)
        {
            // Colours and one-line entries survive the redirection of the output.
            context.EnvironmentVariables["DOTNET_SYSTEM_CONSOLE_ALLOW_ANSI_COLOR_REDIRECTION"] = "true";
            context.EnvironmentVariables["LOGGING__CONSOLE__FORMATTERNAME"] = "simple";
        }
    });

    private static void AddLaunchProfileChoice(IResourceBuilder<ProjectResource> builder, ProjectResourceOptions options)
    {
        var configuration = builder.ApplicationBuilder.Configuration;
        if (options.ExcludeLaunchProfile)
        {
            builder.WithAnnotation(new ExcludeLaunchProfileAnnotation());
        }
        else if (!string.IsNullOrEmpty(options.LaunchProfileName))
        {
            builder.WithAnnotation(new LaunchProfileAnnotation(options.LaunchProfileName));
        }
        else if ((configuration["AppHost:DefaultLaunchProfileName"] ?? configuration["DOTNET_LAUNCH_PROFILE"]) is { Length: > 0 } preferred)
        {
            builder.WithAnnotation(new DefaultLaunchProfileAnnotation(preferred));
        }
    }

    private static void AddAspNetCoreUrls(IResourceBuilder<ProjectResource> builder) => builder.WithEnvironment(context =>
    {
        if (context.EnvironmentVariables.ContainsKey("ASPNETCORE_URLS"))
        {
            return;
        }

        var urls = new ReferenceExpressionBuilder();
        foreach (var endpoint in ListenedEndpoints(builder.Resource))
        {
            if (!urls.IsEmpty)
            {
                urls.AppendLiteral(";");
            }

            if (endpoint.IsHttps)
            {
                // The HTTPS redirection must lead to the port callers use, not to the one the process listens on.
                context.EnvironmentVariables.TryAdd("ASPNETCORE_HTTPS_PORT", endpoint.Property(EndpointProperty.Port));
            }

            urls.Append($"{endpoint.Scheme}://{endpoint.EndpointAnnotation.TargetHost}:{endpoint.Property(EndpointProperty.TargetPort)}");
        }

        if (!urls.IsEmpty)
        {
            context.EnvironmentVariables["ASPNETCORE_URLS"] = urls.Build();
        }
    });

    private static void AddProfileEndpoints(IResourceBuilder<ProjectResource> builder, LaunchProfile? profile)
    {
        var countByScheme = new Dictionary<string, int>();
        const StringSplitOptions Clean = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;
        foreach (var url in profile?.ApplicationUrl?.Split(';', Clean) ?? [])
        {
            var address = BindingUrl.Parse(url, $"applicationUrl of the launch profile of project '{builder.Resource.Name}'");
            var count = countByScheme[address.Scheme] = countByScheme.GetValueOrDefault(address.Scheme) + 1;

            // The first of a scheme goes by the scheme, the next by scheme and number: http, http2.
            builder.WithEndpoint(count == 1 ? address.Scheme : $"{address.Scheme}{count}", endpoint =>
            {
                endpoint.Port = address.Port;
                endpoint.TargetHost = address.Host;
                endpoint.UriScheme = address.Scheme;
                endpoint.FromLaunchProfile = true;
            });
        }

        if (profile?.LaunchUrl is { Length: > 0 } launchUrl)
        {
            builder.WithUrls(context => ApplyLaunchUrl(context, launchUrl));
        }
    }

    private static void ApplyLaunchUrl(ResourceUrlsCallbackContext context, string launchUrl)
    {
        foreach (var url in context.Urls.Where(static u => u.Endpoint is { Exists: true, EndpointAnnotation.FromLaunchProfile: true }))
        {
            if (Uri.TryCreate(url.Url, UriKind.Absolute, out var root) && Uri.TryCreate(root, launchUrl, out var combined))
            {
                url.Url = combined.ToString();
            }
        }
    }

    private static void AddProfileVariables(IResourceBuilder<ProjectResource> builder, (string Name, LaunchProfile Profile)? chosen)
    {
        if (chosen is not { } effective)
        {
            return;
        }

        builder.WithEnvironment(context =>
        {
            context.EnvironmentVariables.TryAdd("DOTNET_LAUNCH_PROFILE", effective.Name);
            foreach (var (name, value) in effective.Profile.EnvironmentVariables)
            {
                context.EnvironmentVariables.TryAdd(name, Environment.ExpandEnvironmentVariables(value));
            }
        });
        if (effective.Profile.CommandLineArgs is { Length: > 0 } commandLine)
        {
            builder.WithArgs(context =>
            {
                var index = 0;
                foreach (var arg in CommandLine.Split(commandLine))
                {
                    context.Args.Insert(index++, arg);
                }
            });
        }
    }

    private static void AddKestrelOverrides(IResourceBuilder<ProjectResource> builder) => builder.WithEnvironment(context =>
    {
        // Kestrel's own endpoint configuration replaces every other source of URLs, so all endpoints must be given that way.
        foreach (var endpoint in ListenedEndpoints(builder.Resource).Where(static e => !e.EndpointAnnotation.IsImplicitHttps))
        {
            var host = context.ExecutionContext.IsRunMode ? endpoint.EndpointAnnotation.TargetHost : "*";
            context.EnvironmentVariables[$"Kestrel__Endpoints__{endpoint.EndpointName}__Url"] =
                ReferenceExpression.Create($"{endpoint.Scheme}://{host}:{endpoint.Property(EndpointProperty.TargetPort)}");
        }
    });

    private static void AddForwardedHeaders(IResourceBuilder<ProjectResource> builder) => builder.WithEnvironment(context =>
    {
        if (builder.Resource.GetEndpoints().Any() && !builder.Resource.HasAnnotationOfType<DisableForwardedHeadersAnnotation>())
        {
            context.EnvironmentVariables["ASPNETCORE_FORWARDEDHEADERS_ENABLED"] = "true";
        }
    });

    private static void AddPublishEndpoints(IResourceBuilder<ProjectResource> builder, bool hasKestrelEndpoints, bool isWebProject)
    {
        if (!hasKestrelEndpoints)
        {
            builder.WithEnvironment(context =>
            {
                SetPorts(context, builder.Resource, "HTTP_PORTS", "http");
                SetPorts(context, builder.Resource, "HTTPS_PORTS", "https");
            });
        }

        if (!isWebProject)
        {
            return;
        }

        // A web project is published with both, whatever the launch profile says, on one target port.
        builder.WithEndpoint("http", static e => e.UriScheme = "http");
        if (!builder.Resource.Annotations.OfType<EndpointAnnotation>().Any(static e => e.UriScheme == "https"))
        {
            builder.WithEndpoint("https", static e =>
            {
                e.UriScheme = "https";
                e.IsImplicitHttps = true;
            });
        }

        var http = builder.Resource.Annotations.OfType<EndpointAnnotation>().First(static e => e.UriScheme == "http");
        var https = builder.Resource.Annotations.OfType<EndpointAnnotation>().First(static e => e.UriScheme == "https");
        http.TargetPort = https.TargetPort = http.TargetPort ?? https.TargetPort;
    }

    private static void SetPorts(EnvironmentCallbackContext context, ProjectResource project, string variable, string scheme)
    {
        var ports = new ReferenceExpressionBuilder();
        foreach (var endpoint in ListenedEndpoints(project).Where(e => e.Scheme == scheme && !e.EndpointAnnotation.IsImplicitHttps))
        {
            if (!ports.IsEmpty)
            {
                ports.AppendLiteral(";");
            }

            ports.Append($"{endpoint.Property(EndpointProperty.TargetPort)}");
        }

        if (!ports.IsEmpty)
        {
            context.EnvironmentVariables.TryAdd(variable, ports.Build());
        }
    }
}
