namespace ControlPlane.Core.Tests.Worlds;

/// <summary>What random fleets, laws and requests name in common, and the days that they are about.</summary>
internal sealed partial class RandomFleet
{
    /// <summary>Validities, phases and decisions all fall within a few days around this one.</summary>
    public static readonly DateOnly Day = new(2026, 6, 15);

    public static readonly Seq<string> Schemes = ["BSI_C5", "HDS", "ISO_27001"];
    public static readonly Seq<AccessLawId> AccessLaws =
        [new("US_CLOUD_ACT"), new("CN_NIL_2017"), new("EU_E_EVIDENCE")];
    public static readonly Seq<JurisdictionId> Countries = [new("DE"), new("FR"), new("US"), new("CN")];
    public static readonly Seq<JurisdictionId> Groups = [new("EU"), new("EEA"), new("G20")];

    /// <summary>An instant near the day, often close to midnight and seldom in UTC.</summary>
    public static DateTimeOffset Instant(Dice dice)
    {
        var utc = new DateTimeOffset(
            Day.AddDays(dice.Int(-2, 2)), dice.Pick(TimeOnly.MinValue, new(23, 59, 59), new(12, 0)), TimeSpan.Zero);
        return utc.ToOffset(TimeSpan.FromHours(dice.Int(-11, 11)));
    }

    public static DateOnly NearDay(Dice dice) => Day.AddDays(dice.Int(-2, 2));
}
