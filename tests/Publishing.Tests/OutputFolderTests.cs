using Hosting.Istio.Publishing;

namespace Publishing.Tests;

/// <summary>All of a tree is written, or nothing.</summary>
public sealed class OutputFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Output => _folder.File("output");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_gets_the_tree_and_a_second_time_only_what_changed()
    {
        Assert.Equal(2, Write(("a/one.yaml", "1"), ("a/b/two.yaml", "2")));
        var old = new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(Path.Combine(Output, "a/one.yaml"), old);

        Assert.Equal(1, Write(("a/one.yaml", "1"), ("a/b/two.yaml", "changed")));

        Assert.Equal(old, File.GetLastWriteTimeUtc(Path.Combine(Output, "a/one.yaml")));
        Assert.Equal([("a/b/two.yaml", "changed"), ("a/one.yaml", "1")], Files());
    }

    [Fact]
    public void What_the_tree_no_longer_has_goes_with_its_folder_and_what_is_not_owned_stays()
    {
        Write(("a/one.yaml", "1"), ("b/two.yaml", "2"));
        _folder.Write("output/mine/notes.md", "notes");

        Assert.Equal(1, Write(("a/one.yaml", "1")));

        Assert.Equal([("a/one.yaml", "1"), ("mine/notes.md", "notes")], Files());
        Assert.False(Directory.Exists(Path.Combine(Output, "b")));
    }

    [Fact]
    public void When_a_file_cannot_be_moved_into_place_everything_is_as_it_was()
    {
        Write(("a.yaml", "old"), ("stale.yaml", "old"));

        // A folder where a file should be: the files before it have been moved already.
        Directory.CreateDirectory(Path.Combine(Output, "z.yaml"));
        _folder.Write("output/z.yaml/mine.md", "mine");

        var error = Assert.Throws<DistributedApplicationException>(() => Write(("a.yaml", "new"), ("new/b.yaml", "new"), ("z.yaml", "new")));

        Assert.StartsWith($"{Output} cannot be written: ", error.Message, StringComparison.Ordinal);
        Assert.Equal([("a.yaml", "old"), ("stale.yaml", "old"), ("z.yaml/mine.md", "mine")], Files());
        Assert.Empty(Directory.EnumerateFileSystemEntries(Output, ".*"));
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_one_sentence()
    {
        _folder.Write("output", "a file");
        var error = Assert.Throws<DistributedApplicationException>(() => Write(("a.yaml", "1")));
        Assert.Contains("Nothing in it was changed", error.Message, StringComparison.Ordinal);
        Assert.Equal("a file", File.ReadAllText(Output));
    }

    private int Write(params (string Path, string Text)[] files)
    {
        var tree = new OutputTree();
        foreach (var (path, text) in files)
        {
            tree.Add(path, text);
        }

        return new OutputFolder(Output, file => !file.StartsWith("mine/", StringComparison.Ordinal) && !file.EndsWith(".md", StringComparison.Ordinal)).Write(tree);
    }

    private IEnumerable<(string Path, string Text)> Files() => Repository.Files(Output).Select(file => (file.Key, file.Value));
}
