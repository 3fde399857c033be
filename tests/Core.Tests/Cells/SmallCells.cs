using ControlPlane.Files;
using ControlPlane.Regions;

namespace ControlPlane.Core.Tests.Cells;

/// <summary>The small fleet as cells of it see it.</summary>
internal static class SmallCells
{
    public static string Text(string name, params string[] jurisdictions) => $"""
        schemaVersion: 1
        cell: {name}
        jurisdictions: [{string.Join(", ", jurisdictions.Select(id => $"\"{id}\""))}]

        """;

    public static Checked<Fleet> Check(string text) =>
        RegionFiles.Parse([.. SmallFleet.Files(), new(RegionFiles.Cell, text)]);

    public static Fleet Of(string name, params string[] jurisdictions) => Check(Text(name, jurisdictions)).Value;
}
