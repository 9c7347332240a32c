using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Yarp;
using Hosting.Embedded;

namespace Aspire.Hosting;

/// <summary>Adds reverse proxies.</summary>
public static class YarpResourceExtensions
{
    // https://mcr.microsoft.com/artifact/mar/dotnet/nightly/yarp, as Aspire 13.6 names it (src/Aspire.Hosting.Yarp/YarpContainerImageTags.cs).
    private const string Registry = "mcr.microsoft.com";
    private const string Image = "dotnet/nightly/yarp";
    private const string Tag = "2.3-preview";
    private const int ContainerPort = 5000;

    /// <summary>Adds a reverse proxy.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The name.</param>
    /// <returns>A builder that configures it.</returns>
    public static IResourceBuilder<YarpResource> AddYarp(this IDistributedApplicationBuilder builder, [ResourceName] string name)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var yarp = builder.AddResource(new YarpResource(name));
        if (builder.ExecutionContext.IsRunMode)
        {
            RunGateway(yarp);
        }
        else
        {
            yarp.WithHttpEndpoint(name: "http", targetPort: ContainerPort)
                .WithEntrypoint("dotnet")
                .WithArgs("/app/yarp.dll");
        }

        return yarp
            .WithImage(Image)
            .WithImageRegistry(Registry)
            .WithImageTag(Tag)
            .WithEnvironment("ASPNETCORE_ENVIRONMENT", builder.Environment.EnvironmentName)
            .WithOtlpExporter()
            .WithEnvironment(context =>
                YarpVariables.Add(context.EnvironmentVariables, yarp.Resource.Routes, yarp.Resource.Clusters));
    }

    /// <summary>Declares routes, and the clusters they lead to.</summary>
    /// <param name="builder">The reverse proxy.</param>
    /// <param name="configurationBuilder">Declares them.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<YarpResource> WithConfiguration(
        this IResourceBuilder<YarpResource> builder, Action<IYarpConfigurationBuilder> configurationBuilder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configurationBuilder);
        configurationBuilder(new YarpConfigurationBuilder(builder));
        return builder;
    }

    /// <summary>Chooses the port of the HTTP endpoint.</summary>
    /// <param name="builder">The reverse proxy.</param>
    /// <param name="port">The port; <see langword="null" /> means any that is free.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<YarpResource> WithHostPort(this IResourceBuilder<YarpResource> builder, int? port)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithEndpoint("http", endpoint => endpoint.Port = port);
    }

    /// <summary>Chooses the port of the HTTPS endpoint, if there is one.</summary>
    /// <param name="builder">The reverse proxy.</param>
    /// <param name="port">The port; <see langword="null" /> means any that is free.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<YarpResource> WithHostHttpsPort(this IResourceBuilder<YarpResource> builder, int? port)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithEndpoint("https", endpoint => endpoint.Port = port, createIfNotExists: false);
    }

    /// <summary>Also serves files, from the folder <c>wwwroot</c> of the image.</summary>
    /// <param name="builder">The reverse proxy.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<YarpResource> WithStaticFiles(this IResourceBuilder<YarpResource> builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithEnvironment("YARP_ENABLE_STATIC_FILES", "true");
    }

    /// <summary>Also serves files, from a folder of this machine.</summary>
    /// <param name="builder">The reverse proxy.</param>
    /// <param name="sourcePath">The folder, relative to the AppHost's.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="DistributedApplicationException">The application is published: the image would have to be built with the files.</exception>
    public static IResourceBuilder<YarpResource> WithStaticFiles(this IResourceBuilder<YarpResource> builder, string sourcePath)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(sourcePath);
        var folder = Path.GetFullPath(sourcePath, builder.ApplicationBuilder.AppHostDirectory);
        return builder.ApplicationBuilder.ExecutionContext.IsRunMode
            ? builder.WithStaticFiles().WithEnvironment("ASPNETCORE_WEBROOT", folder)
            : throw new DistributedApplicationException(
                $"'{builder.Resource.Name}' serves files of this machine: an image has to be built with them, which the embedded engine does " +
                    "not do. Publish with -p:HostingEngine=Aspire, or use WithStaticFiles() and WithImage with an image that has them.");
    }

    /// <summary>The gateway takes the place of the container. Its ports are this machine's, so that none can be fixed by the image.</summary>
    private static void RunGateway(IResourceBuilder<YarpResource> yarp)
    {
        yarp.WithAnnotation(new ContainerProgramAnnotation(GatewayPath)).WithHttpEndpoint(name: "http");
        yarp.WithEnvironment(context =>
        {
            var urls = new ReferenceExpressionBuilder();
            foreach (var endpoint in yarp.Resource.GetEndpoints().Where(endpoint => endpoint.IsHttp || endpoint.IsHttps))
            {
                urls.AppendLiteral(urls.IsEmpty ? "" : ";");
                urls.Append($"{endpoint.Scheme}://{endpoint.EndpointAnnotation.TargetHost}:{endpoint.Property(EndpointProperty.TargetPort)}");
            }

            context.EnvironmentVariables["ASPNETCORE_URLS"] = urls.Build();
        });
    }

    private static string GatewayPath { get; } = typeof(YarpResource).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .First(attribute => attribute.Key == "gatewaypath").Value!;
}
