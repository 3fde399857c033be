using System.Runtime.Versioning;
using ControlPlane.Files;

namespace ControlPlane.Server.Tests.Files;

[UnsupportedOSPlatform("windows")]
public sealed class TreeReaderTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("tree-reader-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void Reads_yaml_files_in_ordinal_order_and_nothing_else()
    {
        Write("regions/b.yaml", "b: 1\n");
        Write("regions/Z.yaml", "z: 1\n");
        Write("regions/catalog/a.yml", "a: 1\n");
        Write("regions/notes.md", "no");
        Write(".git/x.yaml", "hidden: 1\n");

        var read = TreeReader.Read(root);

        Assert.Equal(
            [new("regions/Z.yaml", "z: 1\n"), new("regions/b.yaml", "b: 1\n"), new("regions/catalog/a.yml", "a: 1\n")],
            read.Value.Files);
    }

    [Fact]
    public void Reads_only_the_named_folders()
    {
        Write("regions/a.yaml", "a: 1\n");
        Write("other/b.yaml", "b: 1\n");

        var read = TreeReader.Read(root, "regions");

        Assert.Equal([new SourceFile("regions/a.yaml", "a: 1\n")], read.Value.Files);
    }

    [Fact]
    public void Tells_a_missing_root_and_missing_folders()
    {
        var noRoot = TreeReader.Read(Path.Combine(root, "none"));
        var noFolder = TreeReader.Read(root, "regions", "policies");

        Assert.Equal([$"file-unreadable {Path.Combine(root, "none")}"], Told(noRoot));
        Assert.Equal(["file-unreadable policies", "file-unreadable regions"], Told(noFolder));
    }

    [Fact]
    public void Refuses_a_file_of_100_MB_without_reading_it()
    {
        Write("regions/huge.yaml", "");
        using (var file = File.OpenWrite(Path.Combine(root, "regions/huge.yaml"))) file.SetLength(100_000_000);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var read = TreeReader.Read(root);

        const string expected = "regions/huge.yaml:1:1 has 100000000 bytes; the limit is 1048576";
        Assert.Equal(expected, Assert.Single(read.Problems).ToString());
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4_000_000);
    }

    [Fact]
    public void Reads_a_file_of_exactly_the_limit()
    {
        Write("regions/full.yaml", new string('#', 1 << 20));

        var read = TreeReader.Read(root);

        Assert.Equal(1 << 20, Assert.Single(read.Value.Files).Text.Length);
    }

    [Fact]
    public void Refuses_links_that_lead_out_of_the_tree()
    {
        var outside = Directory.CreateTempSubdirectory("tree-outside-").FullName;
        File.WriteAllText(Path.Combine(outside, "secret.yaml"), "secret: 1\n");
        Write("regions/a.yaml", "a: 1\n");
        Write("other/b.yaml", "b: 1\n");
        Link("regions/direct.yaml", Path.Combine(outside, "secret.yaml"));
        Link("regions/folder", outside);
        Link("other/way", outside);
        Link("regions/round.yaml", "../other/way/secret.yaml");

        var read = TreeReader.Read(root, "regions");

        Directory.Delete(outside, recursive: true);
        Assert.Equal(
            ["path-escape regions/direct.yaml", "path-escape regions/folder", "path-escape regions/round.yaml"],
            Told(read));
    }

    [Fact]
    public void Refuses_a_named_folder_that_leads_out_of_the_tree()
    {
        var outside = Directory.CreateTempSubdirectory("tree-outside-").FullName;
        Link("regions", outside);

        var linked = TreeReader.Read(root, "regions");
        var climbing = TreeReader.Read(root, "..");

        Directory.Delete(outside);
        Assert.Equal(["path-escape regions"], Told(linked));
        Assert.Equal(["path-escape .."], Told(climbing));
    }

    [Fact]
    public void Follows_a_link_to_a_file_inside_the_tree_and_refuses_circles_and_dead_links()
    {
        Write("regions/a.yaml", "a: 1\n");
        Link("regions/same.yaml", "a.yaml");
        var fine = TreeReader.Read(root);
        Link("regions/circle.yaml", "circle.yaml");
        Link("regions/dead.yaml", "none.yaml");
        Link("regions/itself", ".");

        var read = TreeReader.Read(root);

        Assert.Equal(["regions/a.yaml", "regions/same.yaml"], fine.Value.Files.Select(file => file.Path));
        Assert.Equal(
            ["file-unreadable regions/circle.yaml", "file-unreadable regions/dead.yaml", "path-escape regions/itself"],
            Told(read));
    }

    [Fact]
    public void Tells_the_byte_that_is_not_UTF_8()
    {
        Directory.CreateDirectory(Path.Combine(root, "regions"));
        File.WriteAllBytes(Path.Combine(root, "regions/latin.yaml"), [.. "a: "u8, 0xE9, .. "\n"u8]);

        var read = TreeReader.Read(root);

        Assert.Equal("encoding", Assert.Single(read.Problems).Slug);
        Assert.Equal("regions/latin.yaml:1:1 is not UTF-8 at byte 3", read.Problems[0].ToString());
    }

    [Fact]
    public void Tells_unreadable_files_and_folders()
    {
        Write("regions/locked.yaml", "a: 1\n");
        Write("regions/shut/a.yaml", "a: 1\n");
        const UnixFileMode everyone = UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.GroupRead
            | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        SetMode("", everyone);
        SetMode("regions/locked.yaml", UnixFileMode.None);
        SetMode("regions/shut", UnixFileMode.None);

        var read = Unprivileged.Run(() => TreeReader.Read(root));

        SetMode("", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        SetMode("regions/shut", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Assert.Equal(["file-unreadable regions/locked.yaml", "file-unreadable regions/shut"], Told(read));
    }

    private static IEnumerable<string> Told(Checked<TreeFiles> read) =>
        read.Problems.Select(problem => $"{problem.Slug} {problem.File}");

    private void SetMode(string path, UnixFileMode mode) => File.SetUnixFileMode(Path.Combine(root, path), mode);

    private void Write(string path, string text)
    {
        var file = Path.Combine(root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    private void Link(string path, string target)
    {
        var link = Path.Combine(root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(link)!);
        File.CreateSymbolicLink(link, target);
    }
}
