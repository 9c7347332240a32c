using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Pipelines;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>Declares the resources of a distributed application. Made by <see cref="DistributedApplication.CreateBuilder()" />.</summary>
public interface IDistributedApplicationBuilder
{
    /// <summary>The configuration: appsettings.json, user secrets, environment variables, command line.</summary>
    ConfigurationManager Configuration { get; }

    /// <summary>The directory of the AppHost project. Relative paths in the model are relative to it.</summary>
    string AppHostDirectory { get; }

    /// <summary>The assembly of the AppHost.</summary>
    Assembly? AppHostAssembly { get; }

    /// <summary>The environment the AppHost runs in.</summary>
    IHostEnvironment Environment { get; }

    /// <summary>The services of the AppHost, not those of its resources.</summary>
    IServiceCollection Services { get; }

    /// <summary>The events of the application.</summary>
    IDistributedApplicationEventing Eventing { get; }

    /// <summary>Run or publish.</summary>
    DistributedApplicationExecutionContext ExecutionContext { get; }

    /// <summary>The resources declared so far.</summary>
    IResourceCollection Resources { get; }

    /// <summary>The steps of publishing and deploying the application.</summary>
    [Experimental("ASPIREPIPELINES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
    IDistributedApplicationPipeline Pipeline { get; }

    /// <summary>Adds a resource to the application.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="resource">The resource.</param>
    /// <returns>A builder that configures it.</returns>
    /// <exception cref="DistributedApplicationException">The name is taken.</exception>
    /// <exception cref="ArgumentException">The name breaks the naming rules.</exception>
    IResourceBuilder<T> AddResource<T>(T resource) where T : IResource;

    /// <summary>Creates a builder for a resource without adding it to the application.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="resource">The resource.</param>
    /// <returns>A builder that configures it.</returns>
    IResourceBuilder<T> CreateResourceBuilder<T>(T resource) where T : IResource;

    /// <summary>Builds the application. Can be called once.</summary>
    /// <returns>The application, not started.</returns>
    /// <exception cref="DistributedApplicationException">The model has an error.</exception>
    DistributedApplication Build();
}
