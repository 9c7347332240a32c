using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting;

/// <summary>A health check that sends a GET request and compares the status of the answer.</summary>
internal sealed class HttpHealthCheck : IHealthCheck
{
    /// <summary>How long an answer may take. The same as Aspire's.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly IHttpClientFactory _clients;
    private readonly string _clientName;
    private readonly Func<CancellationToken, ValueTask<Uri>> _getUri;
    private readonly int _expectedStatus;

    public HttpHealthCheck(
        IHttpClientFactory clients,
        string clientName,
        Func<CancellationToken, ValueTask<Uri>> getUri,
        int expectedStatus)
    {
        _clients = clients;
        _clientName = clientName;
        _getUri = getUri;
        _expectedStatus = expectedStatus;
    }

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var target = "the service";
        try
        {
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            timeout.CancelAfter(Timeout);
            var uri = await _getUri(timeout.Token);
            target = uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
            using var client = _clients.CreateClient(_clientName);
            using var response = await client.GetAsync(uri, HttpCompletionOption.ResponseHeadersRead, timeout.Token);
            var status = (int)response.StatusCode;
            return status == _expectedStatus
                ? HealthCheckResult.Healthy()
                : Unhealthy(
                    context,
                    string.Create(CultureInfo.InvariantCulture, $"{target} answered {status}, expected {_expectedStatus}."));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Unhealthy(context, $"{target} did not answer within {Timeout.TotalSeconds:0} seconds.");
        }
        catch (Exception exception) when (exception is HttpRequestException or InvalidOperationException or DistributedApplicationException)
        {
            return Unhealthy(context, $"{target} cannot be reached: {exception.Message}", exception);
        }
    }

    private static HealthCheckResult Unhealthy(HealthCheckContext context, string description, Exception? exception = null) =>
        new(context.Registration.FailureStatus, description, exception);
}
