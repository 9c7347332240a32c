using System.CommandLine;
using System.Globalization;
using System.Net;

namespace Conformance.Targets;

/// <summary>Against what the cases are run, and with what.</summary>
/// <param name="Target">The gateway's address.</param>
/// <param name="Apply">The command that puts documents in force; they come by its standard input.</param>
/// <param name="Delete">The command that takes them back; null when <paramref name="Apply"/> replaces all documents.</param>
/// <param name="Host">Where the endpoints are, as the gateway reaches them.</param>
/// <param name="Ports">The ports of the endpoints.</param>
/// <param name="Filter">Only cases with this text in their names; empty for all.</param>
internal sealed record TargetOptions(Uri Target, string Apply, string? Delete, string Host, int[] Ports, string Filter);

/// <summary>The commands beside the tests: <c>--target</c>, and <c>--upstream</c> for the endpoints that it needs.</summary>
internal static class TargetCommand
{
    /// <summary>Whether a command line is one of these.</summary>
    public static bool IsMeant(string[] args) => args.Contains("--target") || args.Contains("--upstream");

    /// <summary>Runs a command line.</summary>
    public static Task<int> InvokeAsync(string[] args, TextWriter output, CancellationToken cancellationToken = default)
    {
        var root = args.Contains("--upstream") ? Upstream(output) : Target(output);
        return root.Parse(args).InvokeAsync(new InvocationConfiguration { Output = output }, cancellationToken);
    }

    private static RootCommand Upstream(TextWriter output)
    {
        var flag = new Option<bool>("--upstream") { Description = "Be the endpoints of the cases, until stopped.", Required = true };
        var port = new Option<int>("--port") { Description = "The first endpoint's port.", DefaultValueFactory = _ => 8080 };
        var count = new Option<int>("--count") { Description = "How many endpoints, each on the next port.", DefaultValueFactory = _ => 8 };
        var root = new RootCommand("Endpoints that answer what the requests of the cases tell them.") { flag, port, count };
        root.SetAction(async (result, cancellation) =>
        {
            var ports = Enumerable.Range(result.GetValue(port), result.GetValue(count)).ToArray();
            await using var upstream = new StandingUpstream(IPAddress.Any, ports);
            await output.WriteLineAsync($"Endpoints on the ports {ports[0]} to {ports[^1]}.");
            await Task.Delay(Timeout.Infinite, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
        return root;
    }

    private static RootCommand Target(TextWriter output)
    {
        var target = new Option<Uri>("--target") { Description = "Address of a gateway that serves port 80 of Istio Gateways.", Required = true };
        var apply = new Option<string>("--apply") { Description = "Command that applies the documents on its standard input.", Required = true };
        var delete = new Option<string?>("--delete") { Description = "Command that deletes the documents on its standard input." };
        var endpoints = new Option<string>("--endpoints")
        {
            Description = "Where --upstream runs, as the gateway reaches it: HOST:FIRST-LAST.", Required = true, HelpName = "HOST:FIRST-LAST",
        };
        var filter = new Option<string>("--case") { Description = "Only cases with this text in their names.", DefaultValueFactory = _ => "" };
        endpoints.Validators.Add(result =>
        {
            if (!TryParse(result.GetValueOrDefault<string>(), out _, out _))
            {
                result.AddError("--endpoints: an address and ports are expected, such as 172.17.0.1:8080-8087.");
            }
        });
        var root = new RootCommand("Runs the cases against a gateway in real time.") { target, apply, delete, endpoints, filter };
        root.SetAction((result, cancellation) =>
        {
            TryParse(result.GetRequiredValue(endpoints), out var host, out var ports);
            return TargetSuite.RunAsync(
                new TargetOptions(
                    result.GetRequiredValue(target), result.GetRequiredValue(apply), result.GetValue(delete), host, ports, result.GetValue(filter) ?? ""),
                output, cancellation);
        });
        return root;
    }

    /// <summary><c>HOST:FIRST-LAST</c>; single ports and several ranges are separated by commas.</summary>
    private static bool TryParse(string? text, out string host, out int[] ports)
    {
        var colon = text?.LastIndexOf(':') ?? -1;
        (host, ports) = (colon > 0 ? text![..colon] : "", []);
        var all = new List<int>();
        foreach (var range in colon > 0 ? text![(colon + 1)..].Split(',') : [])
        {
            var bounds = range.Split('-');
            if (!int.TryParse(bounds[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
                || !int.TryParse(bounds[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var last) || last < first)
            {
                return false;
            }

            all.AddRange(Enumerable.Range(first, last - first + 1));
        }

        ports = [.. all];
        return all.Count > 0;
    }
}
