using System.Diagnostics;

namespace ControlPlane.Sdk.Tests.Conformance;

public sealed class SchemaTests
{
    [OfficialFact]
    public async Task The_schemas_are_what_the_official_packages_say()
    {
        var schemas = Path.Combine(OfficialPackages.Repository, "stacks", "sdk", "schemas");
        var derived = Directory.CreateTempSubdirectory("schemas-").FullName;
        using var tool = Process.Start(new ProcessStartInfo("node")
        {
            ArgumentList = { Path.Combine(schemas, "..", "derive", "derive.mjs"), OfficialPackages.Modules!, derived },
            RedirectStandardError = true,
        })!;
        var error = await tool.StandardError.ReadToEndAsync().WaitAsync(TimeSpan.FromMinutes(5));
        await tool.WaitForExitAsync();
        Assert.Equal((0, ""), (tool.ExitCode, error));

        foreach (var name in new[] { "aws", "azure", "kubernetes" })
        {
            var expected = await File.ReadAllLinesAsync(Path.Combine(schemas, $"{name}.json"));
            Assert.Equal(expected, await File.ReadAllLinesAsync(Path.Combine(derived, $"{name}.json")));
        }
        Directory.Delete(derived, recursive: true);
    }
}
