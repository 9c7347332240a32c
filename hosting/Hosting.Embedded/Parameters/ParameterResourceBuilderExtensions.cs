using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting;

/// <summary>Adds parameters.</summary>
public static class ParameterResourceBuilderExtensions
{
    /// <summary>Adds a parameter whose value is in the configuration, under <c>Parameters:{name}</c>.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The name.</param>
    /// <param name="secret">Whether the value is a secret. <see langword="false" /> by default.</param>
    /// <returns>A builder that configures it.</returns>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder,
        [ResourceName] string name,
        bool secret = false)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return Add(builder, CreateParameter(builder, name, secret));
    }

    /// <summary>Adds a parameter with a given value.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The name.</param>
    /// <param name="value">The value.</param>
    /// <param name="publishValueAsDefault">
    /// Whether the value is written to the manifest as default. <see langword="false" /> by default.
    /// </param>
    /// <param name="secret">Whether the value is a secret. <see langword="false" /> by default.</param>
    /// <returns>A builder that configures it.</returns>
    /// <exception cref="ArgumentException">A secret would be published.</exception>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder,
        [ResourceName] string name,
        string value,
        bool publishValueAsDefault = false,
        bool secret = false)
    {
        ArgumentNullException.ThrowIfNull(value);
        return builder.AddParameter(name, () => value, publishValueAsDefault, secret);
    }

    /// <summary>Adds a parameter whose value a callback gives.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The name.</param>
    /// <param name="valueGetter">Gives the value; called once, when it is needed.</param>
    /// <param name="publishValueAsDefault">
    /// Whether the value is written to the manifest as default. <see langword="false" /> by default.
    /// </param>
    /// <param name="secret">Whether the value is a secret. <see langword="false" /> by default.</param>
    /// <returns>A builder that configures it.</returns>
    /// <exception cref="ArgumentException">A secret would be published.</exception>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder,
        string name,
        Func<string> valueGetter,
        bool publishValueAsDefault = false,
        bool secret = false)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(valueGetter);
        if (publishValueAsDefault && secret)
        {
            throw new ArgumentException($"Parameter '{name}' cannot be both secret and published as a default value.", nameof(secret));
        }

        return Add(builder, new ParameterResource(name, defaultValue => defaultValue?.GetDefaultValue() ?? valueGetter(), secret)
        {
            Default = publishValueAsDefault ? new ConstantParameterDefault(valueGetter) : null
        });
    }

    /// <summary>Adds a parameter whose value is in the configuration, or else a default.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The name.</param>
    /// <param name="value">The default.</param>
    /// <param name="secret">Whether the value is a secret. <see langword="false" /> by default.</param>
    /// <param name="persist">
    /// Whether the default is kept in the AppHost's user secrets for the next run. It is kept only when the AppHost has a
    /// <c>UserSecretsId</c>. <see langword="false" /> by default.
    /// </param>
    /// <returns>A builder that configures it.</returns>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder,
        [ResourceName] string name,
        ParameterDefault value,
        bool secret = false,
        bool persist = false)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(value);
        var parameter = CreateParameter(builder, name, secret);
        parameter.Default = persist && builder.ExecutionContext.IsRunMode
            ? new UserSecretsParameterDefault(builder.AppHostAssembly, name, value)
            : value;
        return Add(builder, parameter);
    }

    /// <summary>Adds a parameter whose value is in the configuration, under a key of your choice.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The name.</param>
    /// <param name="configurationKey">The key.</param>
    /// <param name="secret">Whether the value is a secret. <see langword="false" /> by default.</param>
    /// <returns>A builder that configures it.</returns>
    public static IResourceBuilder<ParameterResource> AddParameterFromConfiguration(
        this IDistributedApplicationBuilder builder,
        string name,
        string configurationKey,
        bool secret = false)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configurationKey);
        var configuration = builder.Configuration;
        return Add(builder, new ParameterResource(name, d => ReadValue(configuration, configurationKey, name, d), secret)
        {
            ConfigurationKey = configurationKey
        });
    }

    /// <summary>Tells what a parameter is for.</summary>
    /// <param name="builder">The parameter.</param>
    /// <param name="description">What it is for.</param>
    /// <param name="enableMarkdown">Whether the description is Markdown. <see langword="false" /> by default.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<ParameterResource> WithDescription(
        this IResourceBuilder<ParameterResource> builder,
        string description,
        bool enableMarkdown = false)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(description);
        builder.Resource.Description = description;
        builder.Resource.EnableDescriptionMarkdown = enableMarkdown;
        return builder;
    }

    /// <summary>Adds a connection string that is in the configuration, under <c>ConnectionStrings:{name}</c>.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The name.</param>
    /// <param name="environmentVariableName">The environment variable that carries it; <c>ConnectionStrings__{name}</c> by default.</param>
    /// <returns>A builder that configures it.</returns>
    public static IResourceBuilder<IResourceWithConnectionString> AddConnectionString(
        this IDistributedApplicationBuilder builder,
        [ResourceName] string name,
        string? environmentVariableName = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return Add(builder, new ConnectionStringParameterResource(name, builder.Configuration, environmentVariableName));
    }

    /// <summary>Creates a parameter with a generated password as default, without adding it to the application.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The name.</param>
    /// <param name="lower">Whether lower case letters are used.</param>
    /// <param name="upper">Whether upper case letters are used.</param>
    /// <param name="numeric">Whether digits are used.</param>
    /// <param name="special">Whether special characters are used.</param>
    /// <param name="minLower">The least number of lower case letters.</param>
    /// <param name="minUpper">The least number of upper case letters.</param>
    /// <param name="minNumeric">The least number of digits.</param>
    /// <param name="minSpecial">The least number of special characters.</param>
    /// <returns>The parameter; its value is a secret.</returns>
    public static ParameterResource CreateDefaultPasswordParameter(
        IDistributedApplicationBuilder builder,
        string name,
        bool lower = true,
        bool upper = true,
        bool numeric = true,
        bool special = true,
        int minLower = 0,
        int minUpper = 0,
        int minNumeric = 0,
        int minSpecial = 0) => CreateGeneratedParameter(builder, name, secret: true, new GenerateParameterDefault
        {
            Lower = lower,
            Upper = upper,
            Numeric = numeric,
            Special = special,
            MinLower = minLower,
            MinUpper = minUpper,
            MinNumeric = minNumeric,
            MinSpecial = minSpecial
        });

    /// <summary>Creates a parameter with a generated default, without adding it to the application.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The name.</param>
    /// <param name="secret">Whether the value is a secret.</param>
    /// <param name="parameterDefault">How the default is generated. In a run it is kept in the AppHost's user secrets.</param>
    /// <returns>The parameter.</returns>
    public static ParameterResource CreateGeneratedParameter(
        IDistributedApplicationBuilder builder,
        string name,
        bool secret,
        GenerateParameterDefault parameterDefault)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(parameterDefault);
        var parameter = CreateParameter(builder, name, secret);
        parameter.Default = builder.ExecutionContext.IsRunMode
            ? new UserSecretsParameterDefault(builder.AppHostAssembly, name, parameterDefault)
            : parameterDefault;
        return parameter;
    }

    /// <summary>Creates a parameter whose value is in the configuration, without adding it to the application.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The name.</param>
    /// <param name="secret">Whether the value is a secret.</param>
    /// <returns>The parameter.</returns>
    public static ParameterResource CreateParameter(IDistributedApplicationBuilder builder, string name, bool secret)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(name);
        var configuration = builder.Configuration;
        return new ParameterResource(name, d => ReadValue(configuration, $"Parameters:{name}", name, d), secret);
    }

    private static IResourceBuilder<T> Add<T>(IDistributedApplicationBuilder builder, T parameter) where T : ParameterResource =>
        builder.AddResource(parameter).WithInitialState(new CustomResourceSnapshot
        {
            ResourceType = "Parameter",
            State = KnownResourceStates.Waiting,
            Properties = [new ResourcePropertySnapshot(CustomResourceKnownProperties.Source, parameter.ConfigurationKey)]
        });

    private static string ReadValue(ConfigurationManager configuration, string key, string name, ParameterDefault? defaultValue)
    {
        // Environment variables cannot have hyphens, so my-key may also be given as my_key.
        var separator = key.LastIndexOf(':') + 1;
        return configuration[key]
            ?? configuration[key[..separator] + key[separator..].Replace('-', '_')]
            ?? defaultValue?.GetDefaultValue()
            ?? throw new MissingParameterValueException(
                $"Parameter '{name}' has no value: set {key} in the AppHost's configuration " +
                $"(environment variable {key.Replace(":", "__", StringComparison.Ordinal).Replace('-', '_')}, argument --{key}=..., " +
                    "user secrets or appsettings.json).");
    }
}
