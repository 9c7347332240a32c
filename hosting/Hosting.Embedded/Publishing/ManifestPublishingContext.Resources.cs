using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Publishing;

/// <content>The entries of the manifest: one per resource, by its kind.</content>
public sealed partial class ManifestPublishingContext
{
    /// <summary>Writes a container.</summary>
    /// <param name="container">The container.</param>
    /// <returns>A task.</returns>
    /// <exception cref="DistributedApplicationException">It has no image.</exception>
    public async Task WriteContainerAsync(ContainerResource container)
    {
        ArgumentNullException.ThrowIfNull(container);
        var target = container.GetDeploymentTargetAnnotation();
        var build = container.Annotations.OfType<DockerfileBuildAnnotation>().LastOrDefault();
        Writer.WriteString("type", target is null && build is null ? "container.v0" : "container.v1");
        WriteConnectionString(container);
        if (build is not null)
        {
            WriteBuild(build);
        }
        else
        {
            Writer.WriteString("image", container.TryGetContainerImageName(out var image)
                ? image
                : throw new DistributedApplicationException($"Could not get the container image name for resource '{container.Name}'."));
        }

        await WriteDeploymentTargetAsync(target);
        if (container.Entrypoint is not null)
        {
            Writer.WriteString("entrypoint", container.Entrypoint);
        }

        await WriteCommandLineArgumentsAsync(container);
        WriteMounts(container);
        await WriteEnvironmentVariablesAsync(container);
        WriteBindings(container);
    }

    internal async Task WriteModelAsync(DistributedApplicationModel model)
    {
        _names.UnionWith(model.Resources.Select(static r => r.Name));
        Writer.WriteStartObject();
        Writer.WriteStartObject("resources");
        foreach (var resource in model.Resources)
        {
            await WriteResourceAsync(resource);
        }

        // What was referred to but is not part of the model, in the order it was met.
        foreach (var resource in _referenced.Values.Where(r => !model.Resources.TryGetByName(r.Name, out _)).ToArray())
        {
            await WriteResourceAsync(resource);
        }

        WriteRemainingFormatted();
        Writer.WriteEndObject();
        Writer.WriteEndObject();
        await Writer.FlushAsync(CancellationToken);
    }

    private async Task WriteResourceAsync(IResource resource)
    {
        Func<Task>? write = null;
        if (resource.TryGetLastAnnotation<ManifestPublishingCallbackAnnotation>(out var callback))
        {
            write = callback.Callback is { } custom ? () => custom(this) : null;
        }
        else
        {
            write = resource switch
            {
                ContainerResource container => () => WriteContainerAsync(container),
                ProjectResource project => () => WriteProjectAsync(project),
                ExecutableResource executable => () => WriteExecutableAsync(executable),
                ParameterResource parameter => Synchronous(() => WriteParameter(parameter)),
                IResourceWithConnectionString => Synchronous(() =>
                {
                    Writer.WriteString("type", "value.v0");
                    WriteConnectionString(resource);
                }),
                _ => Synchronous(() => Writer.WriteString("error", "This resource does not support generation in the manifest."))
            };
        }

        if (write is null)
        {
            return;
        }

        Writer.WriteStartObject(resource.Name);
        await write();
        Writer.WriteEndObject();
        if (resource is ParameterResource written)
        {
            WriteFormatted(written);
        }
    }

    private static Func<Task> Synchronous(Action action) => () =>
    {
        action();
        return Task.CompletedTask;
    };

    private async Task WriteProjectAsync(ProjectResource project)
    {
        var target = project.GetDeploymentTargetAnnotation();
        Writer.WriteString("type", target is null ? "project.v0" : "project.v1");
        Writer.WriteString("path", GetManifestRelativePath(project.GetProjectMetadata().ProjectPath));
        await WriteDeploymentTargetAsync(target);
        await WriteCommandLineArgumentsAsync(project);
        await WriteEnvironmentVariablesAsync(project);
        WriteBindings(project);
    }

    private async Task WriteExecutableAsync(ExecutableResource executable)
    {
        Writer.WriteString("type", "executable.v0");
        WriteConnectionString(executable);
        Writer.WriteString("workingDirectory", GetManifestRelativePath(executable.WorkingDirectory));
        Writer.WriteString("command", executable.Command);
        await WriteCommandLineArgumentsAsync(executable);
        await WriteEnvironmentVariablesAsync(executable);
        WriteBindings(executable);
    }

    private void WriteParameter(ParameterResource parameter)
    {
        Writer.WriteString("type", "parameter.v0");
        if (parameter.IsConnectionString)
        {
            Writer.WriteString("connectionString", parameter.ValueExpression);
        }

        Writer.WriteString("value", $"{{{parameter.Name}.inputs.value}}");
        Writer.WriteStartObject("inputs");
        Writer.WriteStartObject("value");
        Writer.WriteString("type", "string");
        if (parameter.Secret)
        {
            Writer.WriteBoolean("secret", true);
        }

        if (parameter.Default is not null)
        {
            Writer.WriteStartObject("default");
            parameter.Default.WriteToManifest(this);
            Writer.WriteEndObject();
        }

        Writer.WriteEndObject();
        Writer.WriteEndObject();
    }

    private async Task WriteDeploymentTargetAsync(DeploymentTargetAnnotation? target)
    {
        if (target?.DeploymentTarget.Annotations.OfType<ManifestPublishingCallbackAnnotation>().LastOrDefault()?.Callback is { } callback)
        {
            Writer.WriteStartObject("deployment");
            await callback(this);
            Writer.WriteEndObject();
        }
    }

    private void WriteBuild(DockerfileBuildAnnotation build)
    {
        Writer.WriteStartObject("build");
        Writer.WriteString("context", GetManifestRelativePath(build.ContextPath));
        Writer.WriteString("dockerfile", GetManifestRelativePath(build.DockerfilePath));
        if (build.Stage is not null)
        {
            Writer.WriteString("stage", build.Stage);
        }

        if (build.BuildArguments.Count > 0)
        {
            Writer.WriteStartObject("args");
            foreach (var (name, value) in build.BuildArguments)
            {
                // A null argument is one that the build takes from its own environment.
                Writer.WriteString(name, value switch
                {
                    IManifestExpressionProvider provider => Expression(value, provider.ValueExpression),
                    bool flag => flag ? "true" : "false",
                    _ => value?.ToString(),
                });
                TryAddDependentResources(value);
            }

            Writer.WriteEndObject();
        }

        Writer.WriteEndObject();
    }

    private void WriteMounts(ContainerResource container)
    {
        var mounts = container.Annotations.OfType<ContainerMountAnnotation>().ToLookup(static m => m.Type);
        WriteArray("bindMounts", mounts[ContainerMountType.BindMount], mount =>
        {
            Writer.WriteString("source", GetManifestRelativePath(mount.Source));
            Writer.WriteString("target", mount.Target.Replace('\\', '/'));
        });
        WriteArray("volumes", mounts[ContainerMountType.Volume], mount =>
        {
            // An anonymous volume has no name.
            if (mount.Source is not null)
            {
                Writer.WriteString("name", mount.Source);
            }

            Writer.WriteString("target", mount.Target);
        });

        void WriteArray(string name, IEnumerable<ContainerMountAnnotation> items, Action<ContainerMountAnnotation> write)
        {
            if (!items.Any())
            {
                return;
            }

            Writer.WriteStartArray(name);
            foreach (var mount in items)
            {
                Writer.WriteStartObject();
                write(mount);
                Writer.WriteBoolean("readOnly", mount.IsReadOnly);
                Writer.WriteEndObject();
            }

            Writer.WriteEndArray();
        }
    }
}
