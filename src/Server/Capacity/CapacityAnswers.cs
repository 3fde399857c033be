using System.ComponentModel;
using ControlPlane.Server.Hosting;

namespace ControlPlane.Server.Capacity;

/// <summary>Shows what is left, by name and model.</summary>
internal sealed record CapacityAnswer
{
    [AllowedText("jurisdiction", "region", "site", "sku", "tenant")]
    public required string By { get; init; }

    [Description("What the figures count: accelerators, dense TFLOP/s at a precision, or facility megawatts.")]
    [AllowedText("accelerators", "bf16", "fp8", "fp4", "megawatts")]
    public required string Unit { get; init; }

    public required DateTimeOffset AsOf { get; init; }

    [Description("Ledger position of the state.")]
    public required long Position { get; init; }

    [Description(
        "Kinds of demand that usable was judged by; with none, every whole free accelerator with power counts.")]
    public required int DemandClasses { get; init; }

    public required IReadOnlyList<CapacityRowAnswer> Rows { get; init; }
    public required AcceleratorFiguresAnswer Total { get; init; }

    [Description("Facility power under the same names; empty by model and by tenant.")]
    public required IReadOnlyList<PowerRowAnswer> Power { get; init; }
}

/// <summary>Shows one row: accelerators of one model under one name.</summary>
internal sealed record CapacityRowAnswer(string Name, string Sku, AcceleratorFiguresAnswer Accelerators);

/// <summary>Shows accelerators in the unit of the report: what there is, what is taken and what is left.</summary>
internal sealed record AcceleratorFiguresAnswer
{
    public required decimal Installed { get; init; }

    [Description("Of active sites, on nodes that workloads may use.")]
    public required decimal Allocatable { get; init; }

    public required decimal Sold { get; init; }
    public required decimal Held { get; init; }

    [Description("Part of free that reserves keep from ordinary requests.")]
    public required decimal Reserved { get; init; }

    public required decimal Free { get; init; }

    [Description("Part of free that some workload may lawfully use.")]
    public required decimal Usable { get; init; }

    public required decimal StrandedByLaw { get; init; }
    public required decimal StrandedByClaim { get; init; }
    [Description("At sites whose agents have not looked for too long.")]
    public required decimal StrandedByAgent { get; init; }

    public required decimal StrandedByPower { get; init; }
    public required decimal StrandedByFragments { get; init; }

    [Description("What is free of whole accelerators in the best fabric domain.")]
    public required decimal LargestHole { get; init; }

    [Description("Dense bf16 TFLOP/s of what is allocatable.")]
    public required decimal AllocatableTeraflopsBf16 { get; init; }

    [Description("Dense bf16 TFLOP/s of what is free.")]
    public required decimal FreeTeraflopsBf16 { get; init; }
}

/// <summary>Shows facility power under one name, in megawatts.</summary>
internal sealed record PowerRowAnswer(
    string Name, decimal ContractMegawatts, decimal DrawnMegawatts, decimal FreeMegawatts);

/// <summary>Shows the board's report as a page.</summary>
internal sealed record BoardAnswer(
    DateTimeOffset AsOf, long Position, [property: Description("A whole HTML document.")] string Html);

/// <summary>Shows what scenarios would do.</summary>
internal sealed record SurvivalAnswer(IReadOnlyList<ScenarioAnswer> Scenarios);

/// <summary>Shows what one scenario would do to what runs now.</summary>
internal sealed record ScenarioAnswer
{
    public required string Scenario { get; init; }
    public required DateTimeOffset AsOf { get; init; }
    public required long Position { get; init; }

    [Description("Whether every displaced workload recovers.")]
    public required bool Survives { get; init; }

    [Description("Share of what a plan would serve that may split workloads and heeds law and room only, and that this "
        + "one does not, 0 to 1. What is bound to others or spread has no part in it.")]
    public required double GapToBound { get; init; }

    public required IReadOnlyList<WorkloadSurvivalAnswer> Workloads { get; init; }
    public required IReadOnlyList<ShortageAnswer> Shortages { get; init; }
    public required IReadOnlyList<PurchaseAnswer> Purchases { get; init; }
}

/// <summary>Shows where a displaced workload may lawfully go.</summary>
internal sealed record WorkloadSurvivalAnswer
{
    public required Guid Id { get; init; }
    public required string Tenant { get; init; }
    public required string Workload { get; init; }
    public required int Priority { get; init; }

    [AllowedText("recovers", "degraded", "noRoom", "noCapableHardware", "noLawfulPlace", "notTogether")]
    public required string Outcome { get; init; }

    [Description("True when its place would still stand and no longer be lawful.")]
    public required bool IsUnlawful { get; init; }

    [Description("Whether all data that it reads is left where it may be, and gets to the targets.")]
    public required bool HasLawfulData { get; init; }

    [Description("Until all its data is at the last of the targets, with half of every link; 0 when it is there.")]
    public required long DataSeconds { get; init; }

    [Description("True when its place stands, and it leaves because something that it is bound to does.")]
    public bool GoesAlong { get; init; }

    [Description("Why it goes nowhere, where that lies with what it is bound to.")]
    public string? Because { get; init; }

    [Description("Units that lose their place.")]
    public required int Displaced { get; init; }

    [Description("Units of those that find another.")]
    public required int Recovered { get; init; }

    public required IReadOnlyList<string> From { get; init; }
    public required IReadOnlyList<SurvivalTargetAnswer> Targets { get; init; }
}

/// <summary>Shows units that go to a pool.</summary>
internal sealed record SurvivalTargetAnswer(string Region, string Site, string NodePool, int Units);

/// <summary>Shows what displaced units find nowhere; without a model it is work without accelerators.</summary>
internal sealed record ShortageAnswer(string? Sku, int Units, decimal Accelerators, decimal Megawatts);

/// <summary>Shows nodes that would close a shortage, and the power the site's contract lacks for them.</summary>
internal sealed record PurchaseAnswer(
    string NodePool, string Site, int Nodes, decimal Megawatts, decimal MissingMegawatts);
