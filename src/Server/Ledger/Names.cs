using System.Text.Json;

namespace ControlPlane.Server.Ledger;

/// <summary>Enum values as tables and JSON write them.</summary>
internal static class Names
{
    /// <summary>The name in camel case, as JSON writes it.</summary>
    public static string Of<T>(T value) where T : struct, Enum =>
        JsonNamingPolicy.CamelCase.ConvertName(value.ToString());

    /// <summary>The name in snake case, as tables write it.</summary>
    public static string Column<T>(T value) where T : struct, Enum =>
        JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
