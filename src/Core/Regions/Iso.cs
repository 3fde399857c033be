namespace ControlPlane.Regions;

/// <summary>Knows the country codes that people write although ISO 3166 has another one.</summary>
public static class Iso
{
    /// <summary>The ISO 3166 alpha-2 code meant by a code in common use, or null.</summary>
    public static string? CodeMeant(string written) => written switch
    {
        "UK" => "GB",
        "EL" => "GR",
        "SUI" => "CH",
        "UAE" => "AE",
        "USA" => "US",
        "KSA" => "SA",
        _ => null,
    };
}
