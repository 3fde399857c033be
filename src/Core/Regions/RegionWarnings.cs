using System.Globalization;
using ControlPlane.Files;

namespace ControlPlane.Regions;

/// <summary>
/// Tells on a given day which claims have run out and which soon will. Expiry is no fault of a file's form, so it is
/// judged apart from parsing, against a day that the caller names.
/// </summary>
public sealed record RegionWarnings
{
    /// <summary>Days ahead that an end of validity is announced.</summary>
    public const int DaysAhead = 30;

    /// <summary>Claims that have run out.</summary>
    public required Seq<Problem> Errors { get; init; }

    /// <summary>Claims that run out within <see cref="DaysAhead"/> days.</summary>
    public required Seq<Problem> Warnings { get; init; }

    public static RegionWarnings At(Fleet fleet, DateOnly today)
    {
        var (errors, warnings) = (new List<Problem>(), new List<Problem>());
        foreach (var place in fleet.ClaimPlaces)
        {
            if (place.Claim.ValidTo is not { } last) continue;
            var days = last.DayNumber - today.DayNumber;
            if (days < 0) errors.Add(Expiry(place, $"was {Show(last)}; the claim no longer counts"));
            else if (days <= DaysAhead) warnings.Add(Expiry(place, $"is {Show(last)}, in {days} days"));
        }

        return new RegionWarnings { Errors = errors.ToSeq(), Warnings = warnings.ToSeq() };
    }

    private static Problem Expiry(ClaimPlace place, string message) =>
        new("evidence-expired", place.Path, message)
        {
            File = place.File,
            Line = place.Position.Line,
            Column = place.Position.Column,
        };

    private static string Show(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}

/// <summary>A claim and the place where its last day stands.</summary>
internal sealed record ClaimPlace(string File, string Path, FilePosition Position, Claim Claim)
{
    public static Seq<ClaimPlace> Of(FleetDraft draft) =>
        draft.Regions.SelectMany(file => file.All<Claim>()).Select(Of).ToSeq();

    private static ClaimPlace Of(FilePart<Claim> claim)
    {
        var path = claim.At("validTo");
        return new ClaimPlace(claim.File.Path, path, claim.File.Positions.Of(path), claim.Item);
    }
}
