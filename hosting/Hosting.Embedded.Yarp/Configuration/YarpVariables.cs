using System.Collections;
using System.Reflection;
using System.Security.Authentication;
using Aspire.Hosting.Yarp;

namespace Aspire.Hosting;

/// <summary>
/// YARP's configuration as environment variables, which are the only way into a container: the keys that YARP reads, below
/// <c>REVERSEPROXY__</c> (https://learn.microsoft.com/aspnet/core/fundamentals/servers/yarp/config-files).
/// </summary>
internal static class YarpVariables
{
    private const string Routes = "REVERSEPROXY__ROUTES__";
    private const string Clusters = "REVERSEPROXY__CLUSTERS__";

    public static void Add(Dictionary<string, object> variables, IEnumerable<YarpRoute> routes, IEnumerable<YarpCluster> clusters)
    {
        foreach (var route in routes.Select(static route => route.Config))
        {
            // The name of the section is the id, and YARP refuses to be told it twice.
            Flatten(variables, $"{Routes}{route.RouteId}", route with { RouteId = null! });
        }

        foreach (var cluster in clusters)
        {
            var key = $"{Clusters}{cluster.Config.ClusterId}";
            Flatten(variables, key, cluster.Config with { ClusterId = null! });
            foreach (var (index, address) in cluster.Addresses.Index())
            {
                variables[$"{key}__DESTINATIONS__destination{index + 1}__ADDRESS"] = address;
            }
        }
    }

    /// <summary>A section for an object, its members in upper case; a section for a list, numbered; a value for anything else.</summary>
    private static void Flatten(Dictionary<string, object> variables, string key, object? value)
    {
        switch (value)
        {
            case null:
                break;
            case string or Version or Uri or Enum or TimeSpan or IFormattable:
            case not null when value.GetType().IsPrimitive:
                AddValue(variables, key, value);
                break;
            case IReadOnlyDictionary<string, string> texts:
                foreach (var (name, text) in texts)
                {
                    variables[$"{key}__{name}"] = text;
                }

                break;
            case IEnumerable items:
                foreach (var (index, item) in items.Cast<object>().Index())
                {
                    Flatten(variables, $"{key}__{index}", item);
                }

                break;
            default:
                foreach (var member in value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
                {
                    Flatten(variables, $"{key}__{member.Name.ToUpperInvariant()}", member.GetValue(value));
                }

                break;
        }
    }

    private static void AddValue(Dictionary<string, object> variables, string key, object value)
    {
        if (value is not SslProtocols protocols)
        {
            variables[key] = Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture)!;
            return;
        }

        // Flags are a list to YARP.
        foreach (var (index, protocol) in Enum.GetValues<SslProtocols>().Where(each => each != SslProtocols.None && protocols.HasFlag(each)).Index())
        {
            variables[$"{key}__{index}"] = protocol.ToString();
        }
    }
}
