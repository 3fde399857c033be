using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using ControlPlane.Sdk.Tests.Conformance;

namespace ControlPlane.Sdk.Tests.Surface;

public sealed class SurfaceTests
{
    private static readonly string[] Bundled = ["ControlPlane.Pulumi.Sdk", "ControlPlane.Pulumi.Providers"];

    private static string UsedList => Path.Combine(OfficialPackages.Repository, "stacks", "sdk", "used.txt");

    private static string StackProgram => Path.Combine(
        OfficialPackages.Repository, "stacks", "bin", "Release", "net10.0", "control-plane-stacks.dll");

    private static string List => Path.Combine(OfficialPackages.Repository, "stacks", "sdk", "surface.txt");

    /// <summary>
    /// Everything in the list is part of the official SDK under the same signature. What is added to the bundled SDK
    /// and is not there would compile here and nowhere else: whoever changes the list has to look it up.
    /// </summary>
    [Fact]
    public void The_bundled_SDK_shows_what_the_list_says()
    {
        var actual = typeof(Pulumi.Output).Assembly
            .GetExportedTypes()
            .SelectMany(Members)
            .Order(StringComparer.Ordinal)
            .ToList();

        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            File.WriteAllLines(List, actual);
        Assert.Equal(File.ReadAllLines(List), actual);
    }

    /// <summary>
    /// A program may use the SDK and the provider classes, and nothing that only the bundled assemblies have.
    /// </summary>
    [Theory]
    [MemberData(nameof(Programs))]
    public void Programs_use_nothing_that_only_the_bundled_SDK_has(string assembly)
    {
        using var file = File.OpenRead(assembly);
        using var image = new PEReader(file);
        var reader = image.GetMetadataReader();

        var used = reader.TypeReferences.Select(handle => reader.GetTypeReference(handle))
            .Where(type => type.ResolutionScope.Kind == HandleKind.AssemblyReference)
            .Select(type => (
                Assembly: reader.GetString(
                    reader.GetAssemblyReference((AssemblyReferenceHandle)type.ResolutionScope).Name),
                Namespace: reader.GetString(type.Namespace)))
            .ToList();

        Assert.Contains(used, type => type.Assembly == Bundled[0]);
        Assert.DoesNotContain(used, type => type.Assembly == "ControlPlane.Pulumi.Rpc");
        Assert.DoesNotContain(used, type => Bundled.Contains(type.Assembly)
            && type.Namespace != "Pulumi" && !type.Namespace.StartsWith("Pulumi.", StringComparison.Ordinal));
    }

    /// <summary>
    /// The stacks use of the SDK and of the provider classes what the list says, under these signatures. A line that
    /// is new has to be looked up in the official packages before the list is written again.
    /// </summary>
    [Fact]
    public void The_stacks_use_what_the_list_says()
    {
        var used = UsedApi.Of(StackProgram, Bundled);

        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            File.WriteAllLines(UsedList, used);
        Assert.Equal(File.ReadAllLines(UsedList), used);
    }

    public static TheoryData<string> Programs()
    {
        var programs = new TheoryData<string> { Path.Combine(AppContext.BaseDirectory, "ControlPlane.Sdk.Sample.dll") };
        var stacks = Path.Combine(OfficialPackages.Repository, "stacks", "bin", "Release", "net10.0");
        if (Directory.Exists(stacks))
        {
            foreach (var program in Directory.EnumerateFiles(stacks, "control-plane-stacks.dll"))
                programs.Add(program);
        }
        return programs;
    }

    private static IEnumerable<string> Members(Type type)
    {
        const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance
            | BindingFlags.Static | BindingFlags.DeclaredOnly;
        yield return $"{type}";
        foreach (var member in type.GetMembers(Declared))
        {
            var isShown = member switch
            {
                MethodBase method => method.IsPublic || method.IsFamily,
                FieldInfo field => field.IsPublic,
                PropertyInfo property => property.GetAccessors(nonPublic: false).Length > 0,
                _ => false,
            };
            if (isShown)
                yield return $"{type}: {member}";
        }
    }
}
