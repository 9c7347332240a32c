using System.ComponentModel;
using System.Diagnostics;
using Dashboard.EngineLink;

namespace Dashboard.Traffic;

/// <summary>
/// Asks the gateway's own program what becomes of a request and why: its command <c>explain</c>, on the folder that the running one follows.
/// </summary>
internal static class GatewayExplain
{
    private const int MaxLength = 32 * 1024;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(15);

    // Explain knows the doors by the ports they usually have.
    private const int IngressPort = 8080;
    private const int IstioPort = 8081;

    /// <summary>The explanation; null when the gateway's program is not known.</summary>
    /// <param name="gateway">The gateway.</param>
    /// <param name="door">The name of the endpoint that the request is sent to.</param>
    /// <param name="method">The method.</param>
    /// <param name="url">The request's URL.</param>
    /// <param name="cancellationToken">Ends the program.</param>
    public static async Task<string?> RunAsync(
        ResourceInfo gateway, string? door, string method, Uri url, CancellationToken cancellationToken)
    {
        var program = gateway.Properties.FirstOrDefault(property => property.Name == "executable.path")?.Value;
        var arguments = GatewayArguments.Of(gateway);
        var mesh = Array.IndexOf(arguments, "--mesh");
        if (program is null || mesh < 0 || mesh + 1 >= arguments.Length)
        {
            return null;
        }

        // Before --mesh stands nothing, or the assembly that dotnet runs.
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        string[] command = [.. arguments[..mesh].Where(argument => argument.EndsWith(".dll", StringComparison.Ordinal)),
            "explain", "--mesh", arguments[mesh + 1], method, UsualUrl(door, url)];
        foreach (var argument in command)
        {
            start.ArgumentList.Add(argument);
        }

        try
        {
            return await RunAsync(start, cancellationToken);
        }
        catch (Win32Exception exception)
        {
            return $"{program} cannot be run: {exception.Message}";
        }
    }

    private static string UsualUrl(string? door, Uri url) =>
        url.Scheme == Uri.UriSchemeHttp && door is "http" or "istio"
            ? $"http://{url.Host}:{(door == "istio" ? IstioPort : IngressPort)}{url.PathAndQuery}"
            : url.ToString();

    private static async Task<string> RunAsync(ProcessStartInfo start, CancellationToken cancellationToken)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bound.CancelAfter(Bound);
        using var process = Process.Start(start)!;
        try
        {
            var (output, error) = (process.StandardOutput.ReadToEndAsync(bound.Token), process.StandardError.ReadToEndAsync(bound.Token));
            var text = $"{await error}{await output}".Trim();
            await process.WaitForExitAsync(bound.Token);
            return text.Length > MaxLength ? text[..MaxLength] : text;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"explain did not answer within {Bound.TotalSeconds:0} seconds.";
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }
}
