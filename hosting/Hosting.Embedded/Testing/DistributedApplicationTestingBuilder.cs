using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

/// <summary>
/// Builds applications under test. The AppHost's own entry point declares the model, on a thread of its own; ports are chosen freely,
/// there is no dashboard, and several applications can run side by side.
/// </summary>
public static class DistributedApplicationTestingBuilder
{
    /// <summary>Runs the entry point of an AppHost up to the point where it builds the application.</summary>
    /// <typeparam name="TEntryPoint">The AppHost's class in the namespace <c>Projects</c>, or any type of its assembly.</typeparam>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The declared application.</returns>
    /// <exception cref="DistributedApplicationException">The AppHost's declaration has an error.</exception>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(CancellationToken cancellationToken = default)
        where TEntryPoint : class => CreateAsync<TEntryPoint>([], cancellationToken);

    /// <summary>Runs the entry point of an AppHost up to the point where it builds the application.</summary>
    /// <typeparam name="TEntryPoint">The AppHost's class in the namespace <c>Projects</c>, or any type of its assembly.</typeparam>
    /// <param name="args">The command line.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The declared application.</returns>
    /// <exception cref="DistributedApplicationException">The AppHost's declaration has an error.</exception>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(
        string[] args,
        CancellationToken cancellationToken = default)
        where TEntryPoint : class => CreateAsync<TEntryPoint>(args, static (_, _) => { }, cancellationToken);

    /// <summary>Runs the entry point of an AppHost up to the point where it builds the application.</summary>
    /// <typeparam name="TEntryPoint">The AppHost's class in the namespace <c>Projects</c>, or any type of its assembly.</typeparam>
    /// <param name="args">The command line.</param>
    /// <param name="configureBuilder">Changes the options of the application and the settings of its host before it is declared.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The declared application.</returns>
    /// <exception cref="DistributedApplicationException">The AppHost's declaration has an error.</exception>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(
        string[] args,
        Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configureBuilder,
        CancellationToken cancellationToken = default) => CreateAsync(typeof(TEntryPoint), args, configureBuilder, cancellationToken);

    /// <summary>Runs the entry point of an AppHost up to the point where it builds the application.</summary>
    /// <typeparam name="TEntryPoint">The AppHost's class in the namespace <c>Projects</c>, or any type of its assembly.</typeparam>
    /// <param name="options">How it is built.</param>
    /// <param name="args">The command line.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The declared application.</returns>
    /// <exception cref="DistributedApplicationException">The AppHost's declaration has an error.</exception>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(
        DistributedApplicationTestingBuilderOptions options,
        string[] args,
        CancellationToken cancellationToken = default)
        where TEntryPoint : class => CreateAsync(typeof(TEntryPoint), options, args, cancellationToken);

    /// <summary>Runs the entry point of an AppHost up to the point where it builds the application.</summary>
    /// <param name="entryPoint">The AppHost's class in the namespace <c>Projects</c>, or any type of its assembly.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The declared application.</returns>
    /// <exception cref="DistributedApplicationException">The AppHost's declaration has an error.</exception>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync(Type entryPoint, CancellationToken cancellationToken = default) =>
        CreateAsync(entryPoint, [], cancellationToken);

    /// <summary>Runs the entry point of an AppHost up to the point where it builds the application.</summary>
    /// <param name="entryPoint">The AppHost's class in the namespace <c>Projects</c>, or any type of its assembly.</param>
    /// <param name="args">The command line.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The declared application.</returns>
    /// <exception cref="DistributedApplicationException">The AppHost's declaration has an error.</exception>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync(
        Type entryPoint,
        string[] args,
        CancellationToken cancellationToken = default) => CreateAsync(entryPoint, args, static (_, _) => { }, cancellationToken);

    /// <summary>Runs the entry point of an AppHost up to the point where it builds the application.</summary>
    /// <param name="entryPoint">The AppHost's class in the namespace <c>Projects</c>, or any type of its assembly.</param>
    /// <param name="options">How it is built.</param>
    /// <param name="args">The command line.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The declared application.</returns>
    /// <exception cref="DistributedApplicationException">The AppHost's declaration has an error.</exception>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync(
        Type entryPoint,
        DistributedApplicationTestingBuilderOptions options,
        string[] args,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return CreateAsync(
            entryPoint,
            args,
            (application, _) => application.DisableDashboard = !options.EnableDashboard,
            cancellationToken);
    }

    /// <summary>Runs the entry point of an AppHost up to the point where it builds the application.</summary>
    /// <param name="entryPoint">The AppHost's class in the namespace <c>Projects</c>, or any type of its assembly.</param>
    /// <param name="args">The command line.</param>
    /// <param name="configureBuilder">Changes the options of the application and the settings of its host before it is declared.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The declared application.</returns>
    /// <exception cref="DistributedApplicationException">The AppHost's declaration has an error.</exception>
    public static async Task<IDistributedApplicationTestingBuilder> CreateAsync(
        Type entryPoint,
        string[] args,
        Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configureBuilder,
        CancellationToken cancellationToken = default)
    {
        var factory = new SuspendingApplicationFactory(entryPoint, args, configureBuilder);
        try
        {
            return await factory.CreateBuilderAsync(cancellationToken);
        }
        catch
        {
            await factory.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the declaration of an application that has no AppHost: the test declares it.</summary>
    /// <param name="args">The command line.</param>
    /// <returns>A builder.</returns>
    public static IDistributedApplicationTestingBuilder Create(params string[] args) => Create(args, static (_, _) => { });

    /// <summary>Starts the declaration of an application that has no AppHost: the test declares it.</summary>
    /// <param name="options">How it is built.</param>
    /// <param name="args">The command line.</param>
    /// <returns>A builder.</returns>
    public static IDistributedApplicationTestingBuilder Create(DistributedApplicationTestingBuilderOptions options, string[] args)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Create(args, (application, _) => application.DisableDashboard = !options.EnableDashboard);
    }

    /// <summary>Starts the declaration of an application that has no AppHost: the test declares it.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="configureBuilder">Changes the options of the application and the settings of its host.</param>
    /// <returns>A builder.</returns>
    public static IDistributedApplicationTestingBuilder Create(
        string[] args,
        Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configureBuilder)
    {
        TestSettings.ThrowIfInvalid(args);
        ArgumentNullException.ThrowIfNull(configureBuilder);
        return StandaloneTestingBuilder.Create(args, configureBuilder);
    }
}
