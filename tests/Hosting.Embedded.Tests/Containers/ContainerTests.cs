using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace Hosting.Embedded.Tests.Containers;

public class ContainerTests
{
    [Theory]
    [InlineData("redis", null, null, "redis", "latest", null)]
    [InlineData("redis", "7", null, "redis", "7", null)]
    [InlineData("redis:7", null, null, "redis", "7", null)]
    [InlineData("library/redis:7", null, null, "library/redis", "7", null)]
    [InlineData("ghcr.io/org/redis:7", null, "ghcr.io", "org/redis", "7", null)]
    [InlineData("localhost:5000/redis", null, "localhost:5000", "redis", "latest", null)]
    [InlineData("localhost/redis", null, "localhost", "redis", "latest", null)]
    [InlineData("redis@sha256:abc", null, null, "redis", null, "abc")]
    public void An_image_is_taken_apart(string image, string? tag, string? registry, string name, string? expectedTag, string? digest)
    {
        var container = TestModel.Run().AddContainer("cache", "x").WithImage(image, tag);
        var annotation = Assert.Single(container.Resource.Annotations.OfType<ContainerImageAnnotation>());
        Assert.Equal((registry, name, expectedTag, digest), (annotation.Registry, annotation.Image, annotation.Tag, annotation.SHA256));
    }

    [Theory]
    [InlineData("redis:", null)]
    [InlineData("redis@md5:abc", null)]
    [InlineData("redis:7", "8")]
    [InlineData("redis@sha256:abc", "8")]
    public void An_image_that_is_none_is_refused(string image, string? tag) =>
        Assert.ThrowsAny<SystemException>(() => TestModel.Run().AddContainer("cache", "x").WithImage(image, tag));

    [Fact]
    public void A_container_is_declared_with_everything_it_needs()
    {
        var builder = TestModel.Publish();
        var container = builder.AddContainer("cache", "redis", "7").WithImageRegistry("ghcr.io").WithEntrypoint("/bin/sh").WithHttpEndpoint(targetPort: 80)
            .WithBindMount("data", "/data", isReadOnly: true).WithVolume("vol", "/vol").WithVolume("/anonymous").WithArgs("-v").WithEnvironment("A", "B");
        Assert.Equal("/bin/sh", container.Resource.Entrypoint);
        Assert.Equal(
            [(ContainerMountType.BindMount, Path.Combine(builder.AppHostDirectory, "data"), "/data", true), (ContainerMountType.Volume, "vol", "/vol", false), (ContainerMountType.Volume, null, "/anonymous", false)],
            container.Resource.Annotations.OfType<ContainerMountAnnotation>().Select(m => (m.Type, m.Source, m.Target, m.IsReadOnly)));
        container.WithImageSHA256("abc");
        Assert.Null(Assert.Single(container.Resource.Annotations.OfType<ContainerImageAnnotation>()).Tag);
        Assert.Same(container.Resource, Assert.Single(new DistributedApplicationModel(builder.Resources).GetContainerResources()));
    }

    [Fact]
    public void An_image_may_be_built()
    {
        var builder = TestModel.Publish();
        var secret = builder.AddParameter("secret", secret: true);
        var container = builder.AddDockerfile("Web", "src", "Dockerfile.web", "final").WithBuildArg("VERSION", "1");
        var build = Assert.Single(container.Resource.Annotations.OfType<DockerfileBuildAnnotation>());
        var context = Path.Combine(builder.AppHostDirectory, "src");
        Assert.Equal((context, Path.Combine(context, "Dockerfile.web"), "final"), (build.ContextPath, build.DockerfilePath, build.Stage));
        Assert.Equal("1", build.BuildArguments["VERSION"]);
        Assert.True(container.Resource.IsContainer());
        Assert.Equal(
            "Parameter 'secret' is a secret and cannot be a build argument: it could be read from the image.",
            Assert.Throws<InvalidOperationException>(() => container.WithBuildArg("S", secret)).Message);
        Assert.Equal(
            "Container 'cache' is not built from a Dockerfile; call WithDockerfile before WithBuildArg.",
            Assert.Throws<InvalidOperationException>(() => builder.AddContainer("cache", "redis").WithBuildArg("A", "B")).Message);
    }

    [Fact]
    public async Task A_run_refuses_a_container_in_one_sentence()
    {
        var builder = TestModel.Run();
        builder.AddContainer("cache", "redis");
        await using var app = builder.Build();
        var exception =
            await Assert.ThrowsAsync<DistributedApplicationException>(() => app.StartAsync(TestContext.Current.CancellationToken));
        Assert.StartsWith("'cache' is a container; the embedded engine runs projects and executables " +
            "only.", exception.Message, StringComparison.Ordinal);
    }
}
