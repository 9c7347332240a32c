using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Gateway.Tests.Support;

namespace Conformance.Targets;

/// <summary>A gateway elsewhere: documents reach it by a command, requests by its address.</summary>
internal sealed class TargetGateway(TargetOptions options, CancellationToken cancellation)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    private static readonly string[] Lasting = [.. TargetVisibility.Policies, "DestinationRule"];

    private string _applied = "";

    /// <summary>Ends the run.</summary>
    public CancellationToken Cancellation => cancellation;

    /// <summary>
    /// Applies documents before those of a case when something of the case before could be left: ejections, turns, an answer of its policies.
    /// </summary>
    /// <param name="documents">The documents that every case has.</param>
    public Task CleanAsync(string documents) =>
        Lasting.Any(kind => _applied.Contains($"\"{kind}\"", StringComparison.Ordinal)) ? ApplyAsync(documents) : Task.CompletedTask;

    /// <summary>Puts documents in the place of those before, and waits until they are in force.</summary>
    /// <param name="documents">The documents.</param>
    /// <remarks>
    /// A VirtualService more than there is otherwise tells when: Istio sends a gateway its routes after all else, so when this one is
    /// there the others are. Where there are policies, one that refuses the question answers it too.
    /// </remarks>
    public async Task ApplyAsync(string documents)
    {
        var hasPolicies = TargetVisibility.Policies.Any(kind => documents.Contains($"\"{kind}\"", StringComparison.Ordinal));
        if (_applied.Length > 0 && options.Delete is not null)
        {
            await RunAsync(options.Delete, _applied);
        }

        var id = Guid.NewGuid().ToString();
        _applied = $$"""
            {{documents}}
            ---
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: { name: in-force, namespace: default }
            spec: { hosts: ['{{id}}.conformance.test'], gateways: [door], http: [{ directResponse: { status: 200, body: { string: '{{id}}' } } }] }

            """;
        await RunAsync(options.Apply, _applied);
        for (var started = Stopwatch.GetTimestamp(); !await IsInForceAsync(id, hasPolicies); await Task.Delay(Interval, cancellation))
        {
            if (Stopwatch.GetElapsedTime(started) > Patience)
            {
                throw new CaseFailedException($"the documents were not in force within {Patience.TotalSeconds} s");
            }
        }
    }

    /// <summary>Takes back what was applied last.</summary>
    public Task DeleteAsync() => _applied.Length > 0 && options.Delete is not null ? RunAsync(options.Delete, _applied) : Task.CompletedTask;

    /// <summary>Sends a request in Latin-1.</summary>
    /// <exception cref="IOException">The connection ended before the response did.</exception>
    public async Task<RawResponse> SendAsync(string request)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new DnsEndPoint(options.Target.Host, options.Target.Port), cancellation);
            await socket.SendAsync(Encoding.Latin1.GetBytes(request), cancellation);
            var reader = new RawReader(socket, cancellation);
            var head = await reader.ReadHeadAsync() ?? throw new IOException("There was no response.");
            var status = int.Parse(head.AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture);
            var hasBody = !request.StartsWith("HEAD ", StringComparison.Ordinal) && status is not (204 or 304);
            var body = hasBody ? await reader.ReadBodyAsync(head) : [];
            return new RawResponse(status, head, Encoding.Latin1.GetString(body));
        }
        catch (SocketException exception)
        {
            throw new IOException(exception.Message, exception);
        }
    }

    private async Task<bool> IsInForceAsync(string id, bool hasPolicies)
    {
        try
        {
            var response = await SendAsync($"GET / HTTP/1.1\r\nhost: {id}.conformance.test\r\n\r\n");
            return response.Body == id || (hasPolicies && response.Status is 401 or 403 or 429);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private async Task RunAsync(string command, string input)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", command])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start) ?? throw new CaseFailedException($"{command} cannot be started");
        var texts = Task.WhenAll(process.StandardOutput.ReadToEndAsync(cancellation), process.StandardError.ReadToEndAsync(cancellation));
        await process.StandardInput.WriteAsync(input.AsMemory(), cancellation);
        process.StandardInput.Close();
        await process.WaitForExitAsync(cancellation);
        if (process.ExitCode != 0)
        {
            throw new CaseFailedException($"{command} has failed: {string.Concat(await texts).Trim()}");
        }
    }
}
