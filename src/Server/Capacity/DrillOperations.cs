using System.ComponentModel;
using ControlPlane.Capacity;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Identity;
using ControlPlane.Server.Placements;

namespace ControlPlane.Server.Capacity;

/// <summary>Declares the operations on drills.</summary>
internal static class DrillOperations
{
    /// <summary>Days after which a drill is stale, unless somebody says otherwise.</summary>
    public const int UsualAgeDays = 90;

    private const string Tag = "Capacity";

    public static ApiOperation Run { get; } = new("runDrill", Tag, "Play a loss through on what runs now")
    {
        Needs = Permission.CapacityRead,
        IsOfWholeFleet = true,
        Description =
            "In which order everything would come back, when by the stated rates, and what would not. No workload is "
            + "touched: the digest of the state is the same before and after. The record is signed and kept. A promise "
            + $"is broken when a workload does not recover in full, later than its label {Drill.PromiseLabel} says, or "
            + "without a lawful copy of its data, and when data that some workload reads has no lawful copy left.",
        Body = new(typeof(DrillBody), RequestLimits.BodyBytes,
            [new("region", "a region is lost", """{ "scenario": "region-lost de-one", "movesAtOnce": 8 }""")]),
        Answers =
        [
            new(StatusCodes.Status201Created, typeof(DrillRecordAnswer), "the record")
            {
                Header = ("Location", "Path of the record."),
            },
        ],
        Problems =
        [
            .. ApiProblems.OfBodies, .. CapacityOperations.OfScenarios,
            .. ApiProblems.OfChanges,
        ],
    };

    public static ApiOperation List { get; } = new("listDrills", Tag, "List the newest drill of every loss")
    {
        Needs = Permission.CapacityRead,
        IsOfWholeFleet = true,
        Description = "Every region and provider that could be lost is here, also those that were never played "
            + "through.",
        Query =
        [
            new("max_age_days", "Days after which a drill is stale.") { Whole = (0, 3_650), Default = UsualAgeDays },
        ],
        Answers = [new(StatusCodes.Status200OK, typeof(DrillListAnswer), "ordered by scenario")],
        Problems = [ProblemCatalog.OutOfRange, ProblemCatalog.StoreUnavailable],
    };

    public static ApiOperation Show { get; } = new("getDrill", Tag, "Show the record of a drill")
    {
        Needs = Permission.CapacityRead,
        IsOfWholeFleet = true,
        PathId = PathIdForm.Uuid,
        Answers = [new(StatusCodes.Status200OK, typeof(DrillRecordAnswer), "the record with its signature")],
        Problems = [ProblemCatalog.NotFound, ProblemCatalog.StoreUnavailable],
    };
}

/// <summary>Shows the form of a question for a drill.</summary>
internal sealed record DrillBody
{
    [Description("As for reports of survival, such as region-lost de-one.")]
    public required string Scenario { get; init; }

    [Description("Time until every copy at the lost place has surely stopped; 30 when left out.")]
    public long? FenceSeconds { get; init; }

    [Description("Time to start a unit whose state is there; 120 when left out.")]
    public long? StartSeconds { get; init; }

    [Description("State that a unit loads in a second, up to its memory; 1024 when left out.")]
    public long? RestoreMibPerSecond { get; init; }

    [Description("Workloads that come to one region at once; 16 when left out.")]
    public int? MovesAtOnce { get; init; }
}

/// <summary>Shows a drill with the text that was signed.</summary>
/// <param name="Drill">What was found.</param>
/// <param name="Signed">The very text of it that the signature is over, in UTF-8.</param>
/// <param name="KeyId">Names the server key.</param>
/// <param name="Signature">ECDSA P-256 with SHA-256, r and s, in base64.</param>
/// <param name="PublicKey">SubjectPublicKeyInfo in base64; left out when another server signed.</param>
internal sealed record DrillRecordAnswer(
    DrillAnswer Drill, string Signed, string KeyId, string Signature, string? PublicKey);

/// <summary>Shows what a drill found.</summary>
internal sealed record DrillAnswer
{
    public required Guid Id { get; init; }
    public required string Scenario { get; init; }
    public required DateTimeOffset AsOf { get; init; }
    public required long Position { get; init; }

    [Description("SHA-256 of the whole state before and after; the same, since a drill changes nothing.")]
    public required string StateDigestBefore { get; init; }

    public required string StateDigestAfter { get; init; }

    [Description("Whether any promise does not hold.")]
    public required bool Broken { get; init; }

    public required long FenceSeconds { get; init; }
    public required long StartSeconds { get; init; }
    public required long RestoreMibPerSecond { get; init; }
    public required int MovesAtOnce { get; init; }
    public long? RecoveredWithinSecondsP50 { get; init; }
    public long? RecoveredWithinSecondsP95 { get; init; }
    public required IReadOnlyList<DrillMoveAnswer> Moves { get; init; }
    public required IReadOnlyList<ShortageAnswer> Shortages { get; init; }
    public required IReadOnlyList<PurchaseAnswer> Purchases { get; init; }
    public required double GapToBound { get; init; }

    [Description("Datasets of which no lawful copy is left, with the workloads that read them, wherever those run.")]
    public IReadOnlyList<LostDatasetAnswer> LostDatasets { get; init; } = [];

    [Description("What is different from the drill before; left out for the first.")]
    public DrillSinceAnswer? Since { get; init; }
}

/// <summary>Shows one displaced workload in the plan.</summary>
internal sealed record DrillMoveAnswer
{
    [Description("Place in the plan; 0 when it finds no place.")]
    public required int Order { get; init; }

    public required string Tenant { get; init; }
    public required string Workload { get; init; }
    public required int Priority { get; init; }

    [AllowedText("recovers", "degraded", "noRoom", "noCapableHardware", "noLawfulPlace", "notTogether")]
    public required string Outcome { get; init; }

    public required bool IsUnlawful { get; init; }

    [Description("True when its place stands, and it leaves because something that it is bound to does.")]
    public bool GoesAlong { get; init; }

    [Description("Why it goes nowhere, where that lies with what it is bound to.")]
    public string? Because { get; init; }

    public required int Displaced { get; init; }
    public required int Recovered { get; init; }
    public required IReadOnlyList<string> From { get; init; }
    public required IReadOnlyList<SurvivalTargetAnswer> Targets { get; init; }
    public required long StartsAfterSeconds { get; init; }
    public long? RecoversAfterSeconds { get; init; }

    [Description("Whether a declared copy of its data is left where it may lawfully run.")]
    public required bool HasLawfulData { get; init; }

    [Description("Part of the recovery in which its datasets come over links; 0 when they are there.")]
    public long DataSeconds { get; init; }

    [Description("True when it is sticky, or bound to what is: it moves only once somebody declares the site dead, and "
        + "the times count from then on. A promised time does not hold then.")]
    public bool WaitsForPerson { get; init; }

    public long? PromisedWithinSeconds { get; init; }
    public required bool Broken { get; init; }
}

/// <summary>Shows data of which a loss leaves no lawful copy.</summary>
internal sealed record LostDatasetAnswer(string Dataset, string Tenant, int Readers);

/// <summary>Shows what is different from the drill before.</summary>
internal sealed record DrillSinceAnswer(
    Guid Id, DateTimeOffset AsOf, IReadOnlyList<string> NewlyBroken, IReadOnlyList<string> Mended, int DisplacedMore,
    long SlowerSecondsP95);

/// <summary>Shows the newest drill of every loss.</summary>
internal sealed record DrillListAnswer(IReadOnlyList<DrillStatusAnswer> Drills);

/// <summary>Shows when a loss was last played through.</summary>
internal sealed record DrillStatusAnswer(string Scenario, Guid? Id, DateTimeOffset? RanAt, bool? Broken, bool IsStale);
