using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;

namespace Conformance.Targets;

/// <summary>Against what the cases are run, and with what.</summary>
/// <param name="Target">The gateway's address.</param>
/// <param name="Apply">The command that puts documents in force; they come by its standard input.</param>
/// <param name="Delete">The command that takes them back; null when <paramref name="Apply"/> replaces all documents.</param>
/// <param name="Endpoints">The endpoints.</param>
/// <param name="Filter">Only cases with this text in their names; empty for all.</param>
internal sealed record TargetOptions(Uri Target, string Apply, string? Delete, Endpoints Endpoints, string Filter)
{
    /// <summary>A cluster keeps documents until they are deleted; its endpoints here are outside the mesh.</summary>
    public bool IsCluster => Delete is not null;
}

/// <summary>Endpoints that stand by themselves.</summary>
/// <param name="Host">Where they are, as the gateway reaches them.</param>
/// <param name="Ports">Their ports.</param>
internal sealed record Endpoints(string Host, IReadOnlyList<int> Ports);

/// <summary>The commands beside the tests: <c>--target</c>, and <c>--upstream</c> for the endpoints that it needs.</summary>
internal static class TargetCommand
{
    /// <summary>Whether a command line is one of these.</summary>
    public static bool IsMeant(string[] args) => args.Contains("--target") || args.Contains("--upstream");

    /// <summary>Runs a command line.</summary>
    public static Task<int> InvokeAsync(string[] args, TextWriter output, CancellationToken cancellationToken = default)
    {
        return Parse(args, output).InvokeAsync(new InvocationConfiguration { Output = output }, cancellationToken);
    }

    /// <summary>Reads a command line.</summary>
    public static ParseResult Parse(string[] args, TextWriter output) =>
        (args.Contains("--upstream") ? Upstream(output) : Target(output)).Parse(args);

    private static RootCommand Upstream(TextWriter output)
    {
        var flag = new Option<bool>("--upstream") { Description = "Be the endpoints of the cases, until stopped.", Required = true };
        var port = new Option<int>("--port") { Description = "The first endpoint's port; 0 for any.", DefaultValueFactory = _ => 9101 };
        var count = new Option<int>("--count") { Description = "How many endpoints, each on the next port.", DefaultValueFactory = _ => 8 };
        var root = new RootCommand("Endpoints that answer what the requests of the cases tell them.") { flag, port, count };
        root.SetAction(async (result, cancellation) =>
        {
            var first = result.GetValue(port);
            var ports = Enumerable.Range(0, result.GetValue(count)).Select(index => first == 0 ? 0 : first + index);
            await using var upstream = new StandingUpstream(IPAddress.Any, ports);
            await output.WriteLineAsync($"Endpoints listen on {string.Join(',', upstream.Ports)}.");
            await Task.Delay(Timeout.Infinite, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
        return root;
    }

    private static RootCommand Target(TextWriter output)
    {
        var target = new Option<Uri>("--target")
        {
            Description = "Address of a gateway that serves port 80 of Istio Gateways.",
            Required = true,
            CustomParser = ParseTarget,
        };
        var apply = new Option<string>("--apply") { Description = "Command that applies the documents on its standard input.", Required = true };
        var delete = new Option<string?>("--delete") { Description = "Command that deletes the documents on its standard input." };
        var endpoints = new Option<Endpoints>("--endpoints")
        {
            Description = "Where --upstream runs, as the gateway reaches it.",
            Required = true,
            HelpName = "HOST:FIRST-LAST",
            CustomParser = ParseEndpoints,
        };
        var filter = new Option<string>("--case") { Description = "Only cases with this text in their names.", DefaultValueFactory = _ => "" };
        var root = new RootCommand("Runs the cases against a gateway in real time.") { target, apply, delete, endpoints, filter };
        root.SetAction((result, cancellation) => TargetSuite.RunAsync(
            new TargetOptions(
                result.GetRequiredValue(target), result.GetRequiredValue(apply), result.GetValue(delete),
                result.GetRequiredValue(endpoints), result.GetValue(filter) ?? ""),
            output, cancellation));
        return root;
    }

    private static Uri? ParseTarget(ArgumentResult result)
    {
        if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttp)
        {
            return address;
        }

        result.AddError($"--target {result.Tokens[0].Value}: an address is expected, such as http://127.0.0.1:8081.");
        return null;
    }

    /// <summary><c>HOST:FIRST-LAST</c>; single ports and several ranges are separated by commas.</summary>
    private static Endpoints? ParseEndpoints(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        var colon = text.LastIndexOf(':');
        var ports = new List<int>();
        foreach (var range in colon > 0 ? text[(colon + 1)..].Split(',') : [])
        {
            var bounds = range.Split('-');
            if (!ushort.TryParse(bounds[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
                || !ushort.TryParse(bounds[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var last) || last < first)
            {
                ports.Clear();
                break;
            }

            ports.AddRange(Enumerable.Range(first, last - first + 1));
        }

        if (ports.Count > 0)
        {
            return new Endpoints(text[..colon], ports);
        }

        result.AddError($"--endpoints {text}: an address and ports are expected, such as 172.17.0.1:9101-9108.");
        return null;
    }
}
