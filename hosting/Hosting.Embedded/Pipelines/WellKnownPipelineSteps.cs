using System.Diagnostics.CodeAnalysis;

namespace Aspire.Hosting.Pipelines;

/// <summary>The names of the steps that every application has. Most of them do nothing but bring others together.</summary>
[Experimental("ASPIREPIPELINES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
public static class WellKnownPipelineSteps
{
    /// <summary>All that is published.</summary>
    public const string Publish = "publish";

    /// <summary>What comes before anything is published.</summary>
    public const string PublishPrereq = "publish-prereq";

    /// <summary>All that is deployed.</summary>
    public const string Deploy = "deploy";

    /// <summary>What comes before anything is deployed.</summary>
    public const string DeployPrereq = "deploy-prereq";

    /// <summary>Reads the values of the parameters.</summary>
    public const string ProcessParameters = "process-parameters";

    /// <summary>All that is built.</summary>
    public const string Build = "build";

    /// <summary>What comes before anything is built.</summary>
    public const string BuildPrereq = "build-prereq";

    /// <summary>All images that are pushed.</summary>
    public const string Push = "push";

    /// <summary>What comes before anything is pushed.</summary>
    public const string PushPrereq = "push-prereq";

    /// <summary>Prints the steps and their order.</summary>
    public const string Diagnostics = "diagnostics";

    /// <summary>Checks where resources are deployed to.</summary>
    public const string ValidateComputeEnvironments = "validate-compute-environments";

    /// <summary>What runs before the application starts, in a run too.</summary>
    public const string BeforeStart = "before-start";

    /// <summary>Checks that the container engine runs.</summary>
    public const string CheckContainerRuntime = "check-container-runtime";

    /// <summary>All that is torn down.</summary>
    public const string Destroy = "destroy";

    /// <summary>What comes before anything is torn down.</summary>
    public const string DestroyPrereq = "destroy-prereq";
}

/// <summary>Kinds of steps that others look for.</summary>
[Experimental("ASPIREPIPELINES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
public static class WellKnownPipelineTags
{
    /// <summary>Provisions infrastructure.</summary>
    public const string ProvisionInfrastructure = "provision-infra";

    /// <summary>Builds an image.</summary>
    public const string BuildCompute = "build-compute";

    /// <summary>Pushes an image.</summary>
    public const string PushContainerImage = "push-container-image";

    /// <summary>Deploys to a compute environment.</summary>
    public const string DeployCompute = "deploy-compute";
}
