using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace Hosting.Embedded.Tests.Environments;

public class EnvironmentTests
{
    [Theory]
    [InlineData(false, "text", "secret-value", "http://localhost:5000", "x-secret-value", "called", "Server=s", "https://api.example.com/")]
    [InlineData(true, "text", "{secret.value}", "{pong.bindings.http.url}", "x-{secret.value}", "called", "{db.connectionString}", "https://api.example.com/")]
    public async Task A_variable_is_a_text_or_a_value_of_another_resource(
        bool publish, string text, string parameter, string endpoint, string expression, string called, string connection, string external)
    {
        var builder = publish ? TestModel.Publish() : TestModel.Run("--Parameters:secret=secret-value", "--ConnectionStrings:db=Server=s");
        var secret = builder.AddParameter("secret", secret: true);
        var pong = builder.AddResource(new CustomResource("pong")).WithHttpEndpoint();
        var ping = builder.AddResource(new CustomResource("ping"))
            .WithEnvironment("TEXT", "text")
            .WithEnvironment("EMPTY", (string?)null)
            .WithEnvironment("PARAMETER", secret)
            .WithEnvironment("ENDPOINT", pong.GetEndpoint("http"))
            .WithEnvironment("EXPRESSION", $"x-{secret}")
            .WithEnvironment("CALLBACK", () => "called")
            .WithEnvironment("CONNECTION", builder.AddConnectionString("db"))
            .WithEnvironment("EXTERNAL", builder.AddExternalService("api", "https://api.example.com"))
            .WithEnvironment(context => context.EnvironmentVariables["SEEN"] = context.EnvironmentVariables.Count)
            .WithEnvironment("OVERRIDDEN", "1")
            .WithEnvironment("OVERRIDDEN", "2");
        pong.Allocate("http", 5000);
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["TEXT"] = text,
                ["EMPTY"] = "",
                ["PARAMETER"] = parameter,
                ["ENDPOINT"] = endpoint,
                ["EXPRESSION"] = expression,
                ["CALLBACK"] = called,
                ["CONNECTION"] = connection,
                ["EXTERNAL"] = external,
                ["SEEN"] = "8",
                ["OVERRIDDEN"] = "2"
            },
            await ping.EnvironmentAsync());
    }

    [Fact]
    public async Task Arguments_are_texts_or_values_and_may_be_changed_later()
    {
        var builder = TestModel.Run("--Parameters:secret=s3cret");
        var ping = builder.AddExecutable("ping", "ping", ".", "first")
            .WithArgs("--key", builder.AddParameter("secret", secret: true))
            .WithArgs(context =>
            {
                context.Args.RemoveAt(0);
                context.Args.Add(context.Resource.Name);
            });
        var result = await ping.EvaluateAsync();
        Assert.Equal([("--key", false), ("s3cret", true), ("ping", false)], result.Arguments);
        Assert.Contains(result.References, r => r is ParameterResource { Name: "secret" });
    }

    [Fact]
    public async Task A_value_that_is_missing_is_told_and_the_others_are_there()
    {
        var builder = TestModel.Run();
        var ping = builder.AddResource(new CustomResource("ping"))
            .WithEnvironment("A", "1")
            .WithEnvironment("B", builder.AddParameter("my-key"));
        var result = await ping.EvaluateAsync();
        Assert.Equal([new KeyValuePair<string, string>("A", "1")], result.EnvironmentVariables);
        Assert.IsType<MissingParameterValueException>(result.Exception);
        Assert.Equal(
            "Parameter 'my-key' has no value: set Parameters:my-key in the AppHost's configuration " +
            "(environment variable Parameters__my_key, argument --Parameters:my-key=..., user secrets or appsettings.json).",
            result.Exception.Message);
    }

    [Fact]
    public async Task The_obsolete_methods_still_work()
    {
        var builder = TestModel.Run();
        var ping = builder.AddExecutable("ping", "ping", ".", "a", "b").WithEnvironment("NAME", builder.AddParameter("name", "value"));
#pragma warning disable CS0618
        Assert.Equal("value", (await ping.Resource.GetEnvironmentVariableValuesAsync())["NAME"]);
        Assert.Equal("{name.value}", (await ping.Resource.GetEnvironmentVariableValuesAsync(DistributedApplicationOperation.Publish))["NAME"]);
        Assert.Equal(["a", "b"], await ping.Resource.GetArgumentValuesAsync());
#pragma warning restore CS0618
    }

    [Fact]
    public async Task The_working_directory_of_a_program_is_relative_to_the_AppHost()
    {
        var builder = TestModel.Run();
        var ping = builder.AddExecutable("ping", "ping", "sub/dir").WithCommand("pong").WithWorkingDirectory("..");
        Assert.Equal("pong", ping.Resource.Command);
        Assert.Equal(Path.GetDirectoryName(builder.AppHostDirectory.TrimEnd('/')), ping.Resource.WorkingDirectory);
        Assert.Empty((await ping.EvaluateAsync()).Arguments);
    }
}
