using System.CommandLine;
using Hosting.Istio.Publishing.Components;

namespace Hosting.Istio;

/// <summary>
/// Short forms of an AppHost's pipeline steps: <c>publish</c>, <c>build</c>, <c>apply</c>, <c>verify</c> and <c>destroy</c>. On either
/// engine they mean <c>--operation publish --step NAME</c>, and their options are configuration.
/// </summary>
public static class DeploymentCommand
{
    internal const string BuildStep = "build-images";
    internal const string ApplyStep = "apply-kubernetes";
    internal const string VerifyStep = "verify-kubernetes";
    internal const string DestroyStep = "destroy-kubernetes";

    private static readonly Option<string> Namespace = Setting("--namespace", "NS", "The namespace of the application. Default: demo.");
    private static readonly Option<string> Output =
        Setting("--output", "DIR", "The folder of the manifests. Default: ../aspirate-output, from the AppHost.");

    private static readonly Option<string> Registry =
        Setting("--registry", "HOST", "The registry of the images. Default: the one of aspirate.json.");
    private static readonly Option<string> Tag = Setting("--tag", "TAG", "The tag of the images. Default: the one of aspirate.json.");
    private static readonly Option<string> Context = Setting("--context", "NAME", "The kubeconfig context. Default: the current one.");
    private static readonly Option<string> Archive =
        Setting("--archive", "DIR", "Writes image archives to this folder; no container engine is needed.");
    private static readonly Option<string> Components =
        Setting("--components", "NAME,NAME", $"The capabilities, of {string.Join(", ", ComponentSet.Names)}. Default: the seed's set-up.");

    private static readonly Option<string> Mtls = Setting("--mtls", "MODE", "permissive (the default) or strict.");
    private static readonly Option<bool> Yes = new("--yes") { Description = "Does not ask." };
    private static readonly Option<bool> Push = new("--push") { Description = "Pushes the images to their registry." };
    private static readonly Option<string[]> Url = new("--url")
    {
        Description = "An address that leads to a service, through an ingress, a NodePort or Istio's gateway; may be repeated.",
        HelpName = "URL",
    };

    private static readonly Option<string> Conformance =
        Setting("--conformance", "URL", "Also runs tests/Conformance against Istio's ingress gateway at this address.");

    private static readonly Option<string> Endpoints =
        Setting("--endpoints", "HOST:FIRST-LAST", "Where the endpoints of the conformance suite run, as the cluster reaches them.");

    // What each option is in the configuration.
    private static readonly (Option Option, string Key)[] Keys =
    [
        (Namespace, "Namespace"), (Output, "AspirateOutput"), (Registry, "Registry"), (Tag, "ImageTag"), (Components, "Components"),
        (Mtls, "Mtls"), (Context, "Kubernetes:Context"), (Yes, "Kubernetes:Yes"), (Url, "Kubernetes:Url"),
        (Conformance, "Kubernetes:Conformance"), (Endpoints, "Kubernetes:Endpoints"),
        (Archive, "Images:Archive"), (Push, "Images:Push"),
    ];

    /// <summary>
    /// Translates the command line of an AppHost. One that is wrong, or asks for help, ends the program; one that has no verb is given
    /// back as it is.
    /// </summary>
    /// <param name="args">The command line.</param>
    /// <returns>What to create the builder with.</returns>
    public static string[] Translate(string[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        if (Translate(args, Console.Out, Console.Error, out var exitCode) is { } translated)
        {
            return translated;
        }

        Environment.Exit(exitCode);
        return [];
    }

    internal static string[]? Translate(string[] args, TextWriter output, TextWriter error, out int exitCode)
    {
        exitCode = 0;
        if (args.Length == 0 || Verbs().FirstOrDefault(verb => verb.Command.Name == args[0]) is not { Command: { } } chosen)
        {
            return args;
        }

        // Scenarios and other configuration, --Key=value, are the application's.
        var passedOn = args.Where(IsConfiguration).ToArray();
        var root = new RootCommand("An Aspire AppHost.") { chosen.Command };
        var parsed = root.Parse([.. args.Where(argument => !IsConfiguration(argument))]);
        if (parsed.Errors.Count > 0)
        {
            foreach (var problem in parsed.Errors)
            {
                error.WriteLine(problem.Message);
            }

            exitCode = 2;
            return null;
        }

        if (parsed.Action is not null)
        {
            parsed.Invoke(new InvocationConfiguration { Output = output, Error = error });
            return null;
        }

        return ["--operation", "publish", "--step", chosen.Step, .. Settings(parsed), .. passedOn];
    }

    private static IEnumerable<string> Settings(ParseResult parsed)
    {
        foreach (var (option, key) in Keys.Where(pair => parsed.GetResult(pair.Option) is { Implicit: false }))
        {
            yield return $"--{key}=" + option switch
            {
                Option<bool> flag => parsed.GetValue(flag) ? "true" : "false",
                Option<string[]> several => string.Join(' ', parsed.GetValue(several)!),
                Option<string> single => parsed.GetValue(single),
                _ => throw new InvalidOperationException($"{option.Name} has no configuration key."),
            };
        }
    }

    // Options of ours are lower case; configuration keys begin with a capital letter.
    private static bool IsConfiguration(string argument) => argument.StartsWith("--", StringComparison.Ordinal)
        && argument.Contains('=', StringComparison.Ordinal) && argument.Length > 2 && char.IsAsciiLetterUpper(argument[2]);

    private static (Command Command, string Step)[] Verbs() =>
    [
        (new Command("publish", "Writes the manifests for Kubernetes and Istio.")
        {
            Output, Components, Namespace, Registry, Tag, Mtls,
        }, "publish"),
        (new Command("build", "Builds the images of all projects.") { Push, Archive, Registry, Tag }, BuildStep),
        (new Command("apply", "Applies the manifests to a cluster, after showing what would change.")
        {
            Context, Yes, Output, Namespace,
        }, ApplyStep),
        (new Command("verify", "Checks what runs in a cluster.") { Url, Conformance, Endpoints, Context, Namespace, Mtls }, VerifyStep),
        (new Command("destroy", "Deletes from a cluster what apply created, the namespace too.")
        {
            Context, Yes, Output, Namespace,
        }, DestroyStep),
    ];

    private static Option<string> Setting(string name, string helpName, string description) =>
        new(name) { HelpName = helpName, Description = description };
}
