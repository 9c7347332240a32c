namespace Aspire.Hosting.Testing;

/// <summary>
/// An application under test, declared by its AppHost and not yet built: the test may look at it and change it before it builds it.
/// </summary>
public interface IDistributedApplicationTestingBuilder : IDistributedApplicationBuilder, IAsyncDisposable, IDisposable
{
    /// <summary>Builds the application.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The application, not started.</returns>
    /// <exception cref="DistributedApplicationException">The model has an error.</exception>
    Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken = default);
}
