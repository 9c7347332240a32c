using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace Hosting.Embedded.Tests.ApplicationModel;

public class ResourceTests
{
    [Fact]
    public void Annotations_may_be_added_while_they_are_enumerated()
    {
        var resource = new CustomResource("ping");
        resource.Annotations.Add(new ReplicaAnnotation(1));
        foreach (var annotation in resource.Annotations)
        {
            resource.Annotations.Add(annotation);
        }

        Assert.Equal(2, resource.Annotations.Count);
    }

    [Fact]
    public void Replacing_an_annotation_leaves_those_of_other_types()
    {
        var ping = TestModel.Run().AddResource(new CustomResource("ping")).WithIconName("Globe").WithAnnotation(new ReplicaAnnotation(2));
        ping.WithIconName("Star", IconVariant.Regular);
        Assert.Equal(("Star", IconVariant.Regular), ping.Resource.Annotations.OfType<ResourceIconAnnotation>()
            .Select(i => (i.IconName, i.IconVariant)).Single());
        Assert.Equal(2, ping.Resource.GetReplicaCount());
    }

    [Fact]
    public void The_last_replica_annotation_counts_and_there_is_one_replica_without()
    {
        var ping = TestModel.Run().AddResource(new CustomResource("ping"));
        Assert.Equal(1, ping.Resource.GetReplicaCount());
        ping.WithAnnotation(new ReplicaAnnotation(2)).WithAnnotation(new ReplicaAnnotation(5));
        Assert.Equal(5, ping.Resource.GetReplicaCount());
    }

    [Fact]
    public void Resources_are_found_by_name_and_type()
    {
        var builder = TestModel.Run();
        var ping = builder.AddResource(new CustomResource("ping"));
        Assert.Same(ping.Resource, builder.CreateResourceBuilder<CustomResource>("PING").Resource);
        Assert.True(builder.TryCreateResourceBuilder<IResourceWithEndpoints>("ping", out var found));
        Assert.Same(ping.Resource, found.Resource);
        Assert.False(builder.TryCreateResourceBuilder<ProjectResource>("ping", out _));
        Assert.Equal(
            "Resource 'pong' was not found.",
            Assert.Throws<InvalidOperationException>(() => builder.CreateResourceBuilder<CustomResource>("pong")).Message);
        Assert.Equal(
            "Resource 'ping' of type 'CustomResource' is not a 'ProjectResource'.",
            Assert.Throws<InvalidOperationException>(() => builder.CreateResourceBuilder<ProjectResource>("ping")).Message);
    }

    [Fact]
    public void Relationships_are_declared_once_per_reference()
    {
        var builder = TestModel.Run();
        var secret = builder.AddParameter("secret", secret: true);
        var parent = builder.AddResource(new CustomResource("parent"));
        var ping = builder.AddResource(new CustomResource("ping"))
            .WithEnvironment("KEY", $"{secret}/{secret}")
            .WithParentRelationship(parent)
            .WaitFor(parent);
        Assert.Equal(
            ["Reference secret", "Parent parent", "WaitFor parent"],
            ping.Resource.Annotations.OfType<ResourceRelationshipAnnotation>().Select(r => $"{r.Type} {r.Resource.Name}"));
    }

    [Fact]
    public void What_is_excluded_from_the_manifest_is_no_compute_resource()
    {
        using var project = new TestProject();
        var builder = TestModel.Publish();
        builder.AddTestProject("ping", project);
        builder.AddTestProject("local-only", project).ExcludeFromManifest();
        builder.AddContainer("cache", "redis");
        builder.AddParameter("secret");
        Assert.Equal(["ping", "cache"], new DistributedApplicationModel(builder.Resources).GetComputeResources().Select(r => r.Name));
    }
}
