using System.Text.Json.Nodes;

namespace AppHost.Tests;

/// <summary>What Aspire's own dashboard wants to be told (its TransportOptionsValidator.cs), in every profile; the embedded engine needs none of it.</summary>
public class LaunchSettingsTests
{
    [Fact]
    public async Task Every_profile_says_where_Aspire_s_dashboard_listens_and_that_plain_HTTP_will_do()
    {
        var path = Path.Combine(Projects.AppHost.ProjectPath, "Properties", "launchSettings.json");
        var settings = JsonNode.Parse(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken))!;
        foreach (var (name, profile) in settings["profiles"]!.AsObject())
        {
            var variables = profile!["environmentVariables"]!;
            string?[] addresses =
            [
                (string?)profile["applicationUrl"],
                (string?)variables["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"],
                (string?)variables["ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"],
            ];
            Assert.All(addresses, address => Assert.StartsWith("http://localhost:", address, StringComparison.Ordinal));
            Assert.Equal(addresses.Length, addresses.Distinct().Count());
            Assert.Equal("true", (string?)variables["ASPIRE_ALLOW_UNSECURED_TRANSPORT"]);
            Assert.Equal(name == "default" ? null : name, (string?)variables["Scenario"]);
        }
    }
}
