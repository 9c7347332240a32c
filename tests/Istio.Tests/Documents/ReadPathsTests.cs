using System.Text;
using Istio.Documents;

namespace Istio.Tests.Documents;

public sealed class ReadPathsTests : IDisposable
{
    private const string ConfigMap = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: NAME\n";

    private readonly string _folder = Directory.CreateTempSubdirectory("istio-read-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_folder_is_read_in_order_with_its_subfolders()
    {
        foreach (var name in new[] { "b.yaml", "a.yml", "sub/c.json", "sub/deeper/d.YAML", "e.txt", ".hidden.yaml", ".git/f.yaml", "kustomization.yaml", "sub/Kustomization.yml" })
        {
            Write(name, ConfigMap.Replace("NAME", name, StringComparison.Ordinal));
        }

        var set = ResourceReader.ReadPaths([_folder]);

        Assert.Empty(set.Findings);
        Assert.Equal(["a.yml", "b.yaml", "sub/c.json", "sub/deeper/d.YAML"], set.Documents.Select(document => document.Name));
        Assert.Equal(Path.Combine(_folder, "a.yml"), set.Documents[0].Location.File);
    }

    [Fact]
    public void The_files_of_a_mounted_ConfigMap_are_read_once()
    {
        Write("..2026_11_23/rules.yaml", ConfigMap);
        Directory.CreateSymbolicLink(Path.Combine(_folder, "..data"), "..2026_11_23");
        File.CreateSymbolicLink(Path.Combine(_folder, "rules.yaml"), "..data/rules.yaml");
        Directory.CreateSymbolicLink(Path.Combine(_folder, "loop"), _folder);

        var set = ResourceReader.ReadPaths([_folder, Path.Combine(_folder, "rules.yaml")]);

        Assert.Empty(set.Findings);
        Assert.Equal(Path.Combine(_folder, "rules.yaml"), Assert.Single(set.Documents).Location.File);
    }

    [Fact]
    public void A_link_that_leads_nowhere_and_a_missing_path_are_findings()
    {
        File.CreateSymbolicLink(Path.Combine(_folder, "gone.yaml"), "nowhere.yaml");

        var set = ResourceReader.ReadPaths([_folder, "no-such-folder"]);

        Assert.Equal(["YAML001", "YAML001"], set.Findings.Select(finding => finding.Code));
        Assert.StartsWith($"{_folder}/gone.yaml:1: error YAML001 The file cannot be read: ", set.Findings[0].ToString(), StringComparison.Ordinal);
        Assert.Equal("no-such-folder:1: error YAML001 There is no such file or folder.", set.Findings[1].ToString());
    }

    [Fact]
    public void Binary_files_are_findings()
    {
        var bytes = new byte[100_000];
        new Random(1).NextBytes(bytes);
        bytes[0] = (byte)'a';
        File.WriteAllBytes(Path.Combine(_folder, "random.yaml"), bytes);
        File.WriteAllBytes(Path.Combine(_folder, "utf8.yaml"), [.. "a: b\nc: "u8, 0xC3, 0x28]);

        var set = ResourceReader.ReadPaths([_folder]);

        Assert.Equal(["random.yaml", "utf8.yaml"], set.Findings.Select(finding => Path.GetFileName(finding.Location.File)));
        Assert.All(set.Findings, finding => Assert.Equal(("YAML003", "The file is not UTF-8 text; is it a binary file?"), (finding.Code, finding.Message)));
        Assert.Equal((2, 4), (set.Findings[1].Location.Line, set.Findings[1].Location.Column));
    }

    [Fact]
    public void A_file_that_is_too_large_is_not_read()
    {
        using (var stream = File.Create(Path.Combine(_folder, "big.yaml")))
        {
            stream.SetLength(10_000_000);
        }

        Assert.Equal(
            $"{_folder}/big.yaml:1: error YAML002 The file has 9.5 MiB; at most 8 MiB are read. Split it into several files.",
            Assert.Single(ResourceReader.ReadPaths([_folder]).Findings).ToString());
    }

    public static TheoryData<string, byte[]> Encodings => new()
    {
        { "utf-8 with mark", [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(ConfigMap)] },
        { "utf-16", [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(ConfigMap)] },
        { "utf-16 big endian", [.. Encoding.BigEndianUnicode.Preamble, .. Encoding.BigEndianUnicode.GetBytes(ConfigMap)] },
        { "windows line ends", Encoding.UTF8.GetBytes(ConfigMap.ReplaceLineEndings("\r\n")) },
        { "old mac line ends", Encoding.UTF8.GetBytes(ConfigMap.ReplaceLineEndings("\r")) },
    };

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Encodings_and_line_ends_make_no_difference(string name, byte[] bytes)
    {
        Assert.NotEmpty(name);
        File.WriteAllBytes(Path.Combine(_folder, "a.yaml"), bytes);

        var set = ResourceReader.ReadPaths([_folder]);

        Assert.Empty(set.Findings);
        var document = Assert.Single(set.Documents);
        Assert.Equal("NAME", document.Name);
        Assert.Equal((4, 3), (document.Locate("metadata.name").Line, document.Locate("metadata.name").Column));
    }

    private void Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
