namespace Hosting.Istio.Tests;

/// <summary>What a start deletes of the mesh folders it finds.</summary>
public sealed class MeshFolderOwnerTests : IDisposable
{
    private readonly DirectoryInfo _parent = Directory.CreateTempSubdirectory("owner-tests-");

    [Fact]
    public void A_folder_whose_owner_is_gone_is_deleted()
    {
        var folder = Folder("mesh-dead");
        MeshFolderOwner.Claim(folder).Dispose(); // as when the process ends: the lock goes, the file stays
        File.WriteAllText(Path.Combine(folder, "service-ping.yaml"), "kind: Service");

        MeshFolderOwner.DeleteAbandoned(_parent.FullName);

        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public void A_folder_in_use_stays()
    {
        var folder = Folder("mesh-alive");
        using var claim = MeshFolderOwner.Claim(folder);

        MeshFolderOwner.DeleteAbandoned(_parent.FullName);

        Assert.True(Directory.Exists(folder));
    }

    [Theory]
    [InlineData("mesh-somebody-elses", null)]
    [InlineData("mesh-being-claimed", "")]
    [InlineData("mesh-another-users", "A mesh folder of Hosting.Istio, in use by somebody else.\n")]
    public void A_folder_that_this_user_did_not_claim_stays(string name, string? mark)
    {
        var folder = Folder(name);
        if (mark is not null)
        {
            File.WriteAllText(Path.Combine(folder, ".owner"), mark);
        }

        MeshFolderOwner.DeleteAbandoned(_parent.FullName);

        Assert.True(Directory.Exists(folder));
    }

    [Fact]
    public void A_claimed_folder_of_another_name_stays()
    {
        var folder = Folder("notes");
        MeshFolderOwner.Claim(folder).Dispose();

        MeshFolderOwner.DeleteAbandoned(_parent.FullName);

        Assert.True(Directory.Exists(folder));
    }

    [Fact]
    public void A_new_mesh_folder_is_in_use_until_it_is_disposed_which_deletes_it()
    {
        string path;
        using (var folder = MeshFolder.CreateTemporary())
        {
            path = folder.Path;
            MeshFolderOwner.DeleteAbandoned(Path.GetTempPath());
            Assert.True(Directory.Exists(path));
        }

        Assert.False(Directory.Exists(path));
    }

    public void Dispose() => _parent.Delete(recursive: true);

    private string Folder(string name) => _parent.CreateSubdirectory(name).FullName;
}
