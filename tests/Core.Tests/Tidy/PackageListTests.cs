using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ControlPlane.Core.Tests.Tidy;

/// <summary>
/// The list of packages that this repository is built from, in the form of CycloneDX, is what the lock files say:
/// what is shipped and what only builds and tests it.
/// </summary>
public sealed class PackageListTests
{
    private const string List = "docs/operations/packages.cdx.json";

    private static readonly JsonSerializerOptions format = new()
    {
        WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n",
    };

    [Fact]
    public void The_list_of_packages_is_what_the_lock_files_say() =>
        Golden.Check(List, Write([.. Packages()]) + "\n");

    [Fact]
    public void Every_project_has_a_lock_file_and_every_package_a_digest()
    {
        var silent = Directory.EnumerateFiles(Checkout.Root, "*.csproj", SearchOption.AllDirectories)
            .Where(IsOurs)
            .Where(file => !File.Exists(Path.Combine(Path.GetDirectoryName(file)!, "packages.lock.json"))) // a file
            .Select(file => Path.GetRelativePath(Checkout.Root, file));

        Assert.Empty(silent);
        Assert.All(Packages(), package => Assert.Equal(128, package.Sha512.Length));
    }

    private static IEnumerable<Package> Packages() =>
        Directory.EnumerateFiles(Checkout.Root, "packages.lock.json", SearchOption.AllDirectories)
            .Where(IsOurs).SelectMany(NuGet)
            .Concat(Directory.EnumerateFiles(Checkout.Root, "package-lock.json", SearchOption.AllDirectories)
                .Where(IsOurs).SelectMany(Npm))
            .GroupBy(package => package.Url, StringComparer.Ordinal)
            .OrderBy(same => same.Key, StringComparer.Ordinal)
            .Select(same => same.First() with
            {
                UsedBy = [.. same.SelectMany(package => package.UsedBy).Distinct().Order(StringComparer.Ordinal)],
            });

    private static IEnumerable<Package> NuGet(string file)
    {
        var frameworks = JsonNode.Parse(File.ReadAllText(file))!["dependencies"]!.AsObject(); // a lock file has some
        return frameworks.SelectMany(framework => framework.Value!.AsObject())
            .Where(entry => (string?)entry.Value!["type"] != "Project")
            .Select(entry => new Package(
                entry.Key, (string)entry.Value!["resolved"]!,
                $"pkg:nuget/{entry.Key}@{(string)entry.Value["resolved"]!}",
                Hex((string)entry.Value["contentHash"]!))
            {
                UsedBy = [FolderOf(file)],
            });
    }

    private static IEnumerable<Package> Npm(string file)
    {
        const string Folder = "node_modules/";
        return JsonNode.Parse(File.ReadAllText(file))!["packages"]!.AsObject() // a lock file has some
            .Where(entry => entry.Key.Length > 0)
            .Select(entry =>
            {
                var name = entry.Key[(entry.Key.LastIndexOf(Folder, StringComparison.Ordinal) + Folder.Length)..];
                var version = (string)entry.Value!["version"]!;
                var integrity = (string)entry.Value["integrity"]!;
                return new Package(
                    name, version, $"pkg:npm/{name.Replace("@", "%40", StringComparison.Ordinal)}@{version}",
                    Hex(integrity["sha512-".Length..]))
                {
                    UsedBy = [FolderOf(file)],
                };
            });
    }

    private static string Write(IReadOnlyList<Package> packages) => new JsonObject
    {
        ["bomFormat"] = "CycloneDX",
        ["specVersion"] = "1.6",
        ["version"] = 1,
        ["metadata"] = new JsonObject
        {
            ["component"] = new JsonObject { ["type"] = "application", ["name"] = "control-plane" },
        },
        ["components"] = new JsonArray([.. packages.Select(package => new JsonObject
        {
            ["type"] = "library",
            ["bom-ref"] = package.Url,
            ["name"] = package.Name,
            ["version"] = package.Version,
            ["scope"] = package.UsedBy.Any(folder => !folder.StartsWith("tests/", StringComparison.Ordinal))
                ? "required"
                : "excluded",
            ["purl"] = package.Url,
            ["hashes"] = new JsonArray(new JsonObject { ["alg"] = "SHA-512", ["content"] = package.Sha512 }),
            ["properties"] = new JsonArray([.. package.UsedBy.Select(folder => new JsonObject
            {
                ["name"] = "control-plane:used-by", ["value"] = folder,
            })]),
        })]),
    }.ToJsonString(format);

    private static bool IsOurs(string file) => !Path.GetRelativePath(Checkout.Root, file)
        .Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj" or "artifacts" or "node_modules");

    private static string FolderOf(string file) =>
        Path.GetRelativePath(Checkout.Root, Path.GetDirectoryName(file)!); // a file has one

    private static string Hex(string base64) => Convert.ToHexStringLower(Convert.FromBase64String(base64));

    /// <summary>A package at a version, and which folders use it.</summary>
    private sealed record Package(string Name, string Version, string Url, string Sha512)
    {
        public required Seq<string> UsedBy { get; init; }
    }
}
