using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using ControlPlane.Files;

namespace ControlPlane.Server.Cells;

/// <summary>Declares whose numbers a directory takes: the file that --serve-directory names.</summary>
internal sealed record DirectorySpec
{
    [Description("Cells that tell their numbers and may read those of the others.")]
    [MinLength(1)]
    public required Seq<DirectoryCell> Cells { get; init; }
}

/// <summary>One cell of a directory.</summary>
internal sealed record DirectoryCell
{
    [Description("Name of the cell, as its own file has it.")]
    public required CellId Cell { get; init; }

    [Description("Jurisdictions it may tell of, in quotes.")]
    [MinLength(1)]
    public required Seq<JurisdictionId> Jurisdictions { get; init; }

    [Description("Where callers ask the cell themselves.")]
    [NameFormat("^https?://[A-Za-z0-9.:\\[\\]-]{1,190}$", "an address such as https://de.example:8420")]
    public required string Url { get; init; }

    [Description("Public keys of its servers, as 'cplane cell show' prints them: P-256 in base64.")]
    [MinLength(1)]
    public required Seq<string> Keys { get; init; }
}
