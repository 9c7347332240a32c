using System.Runtime.CompilerServices;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Aspire.Hosting;

/// <content>Commands.</content>
public static partial class ResourceBuilderExtensions
{
    /// <summary>Adds a command, or replaces the one of that name.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="name">Its name, unique within the resource.</param>
    /// <param name="displayName">The name to show.</param>
    /// <param name="executeCommand">What it does.</param>
    /// <param name="commandOptions">How it is shown and when it may be given.</param>
    /// <returns>The builder.</returns>
    [OverloadResolutionPriority(1)]
    public static IResourceBuilder<T> WithCommand<T>(
        this IResourceBuilder<T> builder,
        string name,
        string displayName,
        Func<ExecuteCommandContext, Task<ExecuteCommandResult>> executeCommand,
        CommandOptions? commandOptions = null)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = commandOptions ?? new CommandOptions();
        foreach (var existing in builder.Resource.Annotations.OfType<ResourceCommandAnnotation>().Where(c => c.Name == name).ToArray())
        {
            builder.Resource.Annotations.Remove(existing);
        }

#pragma warning disable CS0618 // The obsolete parameter is handed on for those who still use it.
        var parameter = options.Parameter;
#pragma warning restore CS0618
        return builder.WithAnnotation(new ResourceCommandAnnotation(
            name,
            displayName,
            options.UpdateState ?? (static _ => ResourceCommandState.Enabled),
            executeCommand,
            options.Description,
            parameter,
            options.ConfirmationMessage,
            options.IconName,
            options.IconVariant,
            options.IsHighlighted)
        {
            Visibility = options.Visibility
        });
    }

    /// <summary>Adds a command that sends an HTTP request to the resource.</summary>
    /// <typeparam name="TResource">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="path">The path to ask for.</param>
    /// <param name="displayName">The name to show.</param>
    /// <param name="endpointName">The endpoint to ask; <c>https</c>, else <c>http</c>, by default.</param>
    /// <param name="commandName">Its name; made of resource, endpoint, method and path by default.</param>
    /// <param name="commandOptions">How it works and is shown.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="DistributedApplicationException">There is no such endpoint.</exception>
    public static IResourceBuilder<TResource> WithHttpCommand<TResource>(
        this IResourceBuilder<TResource> builder,
        string path,
        string displayName,
        [EndpointName] string? endpointName = null,
        string? commandName = null,
        HttpCommandOptions? commandOptions = null)
        where TResource : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);
        var selector = builder.HttpEndpointOf(endpointName, "HTTP command");
        return builder.WithHttpCommand(path, displayName, selector, commandName, commandOptions);
    }

    /// <summary>Adds a command that sends an HTTP request to the resource.</summary>
    /// <typeparam name="TResource">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="path">The path to ask for.</param>
    /// <param name="displayName">The name to show.</param>
    /// <param name="endpointSelector">Chooses the endpoint to ask; <see langword="null" /> means <c>https</c>, else <c>http</c>.</param>
    /// <param name="commandName">Its name; made of resource, endpoint, method and path by default.</param>
    /// <param name="commandOptions">How it works and is shown.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="DistributedApplicationException">There is no such endpoint.</exception>
    public static IResourceBuilder<TResource> WithHttpCommand<TResource>(
        this IResourceBuilder<TResource> builder,
        string path,
        string displayName,
        Func<EndpointReference>? endpointSelector,
        string? commandName = null,
        HttpCommandOptions? commandOptions = null)
        where TResource : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(path);
        var options = commandOptions ?? new HttpCommandOptions();
        var endpoint = builder.SelectHttpEndpoint(endpointSelector ?? options.EndpointSelector, "HTTP command");
        var method = options.Method ??= HttpMethod.Post;
        options.UpdateState ??= static context => context.ResourceSnapshot.State?.Text is "Running" or "RuntimeUnhealthy"
            ? ResourceCommandState.Enabled
            : ResourceCommandState.Disabled;
#pragma warning disable CA1308 // The name is Aspire's: the method in lower case.
        var name = commandName ?? $"{endpoint.Resource.Name}-{endpoint.EndpointName}-http-{method.Method.ToLowerInvariant()}-{path}";
#pragma warning restore CA1308
        return builder.WithCommand(name, displayName, context => HttpCommand.ExecuteAsync(endpoint, path, options, context), options);
    }
}

/// <summary>Sends the request of a command and makes its result from the response.</summary>
internal static class HttpCommand
{
    public static async Task<ExecuteCommandResult> ExecuteAsync(
        EndpointReference endpoint,
        string path,
        HttpCommandOptions options,
        ExecuteCommandContext context)
    {
        if (!endpoint.IsAllocated)
        {
            return CommandResults.Failure("Endpoints are not yet allocated.");
        }

        var client = context.Services.GetRequiredService<IHttpClientFactory>()
            .CreateClient(options.HttpClientName ?? Options.DefaultName);
        if (options.HttpClientName is null)
        {
            // Commands may take long and are given up by whoever gave them.
            client.Timeout = Timeout.InfiniteTimeSpan;
        }

        var uri = new Uri(new Uri(AddressFor(endpoint, context.ResourceName)), path);
        using var request = new HttpRequestMessage(options.Method ?? HttpMethod.Post, uri);
        if (options.PrepareRequest is { } prepare)
        {
            await prepare(new HttpCommandRequestContext
            {
                Services = context.Services,
                ResourceName = context.ResourceName,
                Endpoint = endpoint,
                CancellationToken = context.CancellationToken,
                HttpClient = client,
                Request = request
            });
        }

        using var response = await client.SendAsync(request, context.CancellationToken);
        return options.GetCommandResult is null
            ? await ReadResultAsync(response, options.ResultMode, context.CancellationToken)
            : await options.GetCommandResult(new HttpCommandResultContext
            {
                Services = context.Services,
                ResourceName = context.ResourceName,
                Endpoint = endpoint,
                CancellationToken = context.CancellationToken,
                HttpClient = client,
                Response = response
            });
    }

    /// <summary>A command that was given to one replica goes to that replica.</summary>
    private static string AddressFor(EndpointReference endpoint, string resourceId)
    {
        var index = endpoint.Resource.GetResourceIds().ToList().FindIndex(id => ResourceNameComparer.Equals(id, resourceId));
        return index >= 0 && endpoint.Resource.GetReplicaAddresses(endpoint.EndpointName) is { } replicas && index < replicas.Count
            ? replicas[index].UriString
            : endpoint.Url;
    }

    private static async Task<ExecuteCommandResult> ReadResultAsync(
        HttpResponseMessage response,
        HttpCommandResultMode mode,
        CancellationToken cancellationToken)
    {
        var mediaType = response.Content.Headers.ContentType?.MediaType;
        CommandResultFormat? format = mode switch
        {
            HttpCommandResultMode.Json => CommandResultFormat.Json,
            HttpCommandResultMode.Text => CommandResultFormat.Text,
            HttpCommandResultMode.Auto when mediaType is "application/json"
                || mediaType?.EndsWith("+json", StringComparison.Ordinal) == true =>
                CommandResultFormat.Json,
            HttpCommandResultMode.Auto when mediaType is "text/markdown" => CommandResultFormat.Markdown,
            HttpCommandResultMode.Auto when mediaType?.StartsWith("text/", StringComparison.Ordinal) == true => CommandResultFormat.Text,
            _ => null
        };
        var body = format is null ? "" : await response.Content.ReadAsStringAsync(cancellationToken);
        var data = body.Length == 0 ? null : new CommandResultData { Value = body, Format = format!.Value };
        return new ExecuteCommandResult
        {
            Success = response.IsSuccessStatusCode,
            Message = response.IsSuccessStatusCode ? null : $"Request failed with status code {response.StatusCode}",
            Data = data
        };
    }
}
