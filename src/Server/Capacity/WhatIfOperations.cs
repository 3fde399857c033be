using System.ComponentModel;
using ControlPlane.Capacity;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Identity;
using ControlPlane.Server.Placements;

namespace ControlPlane.Server.Capacity;

/// <summary>Declares the operation that plays changes through.</summary>
internal static class WhatIfOperations
{
    /// <summary>Changes of each kind.</summary>
    public const int MostChanges = 1_000;

    public static ApiOperation Assess { get; } = new("assessWhatIf", "Capacity", "Play changes through on a copy")
    {
        Needs = Permission.CapacityRead,
        IsOfWholeFleet = true,
        Description =
            "What sites, nodes, power, policies and workloads more or less would do to what is free, refused and "
            + "survivable. Nothing is declared, activated or placed: the digest of the state is the same before and "
            + "after.",
        Body = new(typeof(WhatIfBody), RequestLimits.BatchBodyBytes,
        [
            new("more-nodes", "a larger pool and less power", """
                { "nodes": [{ "pool": "de-one-a-h100", "nodes": 8 }],
                  "power": [{ "site": "fr-one-a", "megawatts": 1 }] }
                """),
        ]),
        Answers = [new(StatusCodes.Status200OK, typeof(WhatIfAnswer), "before and after")],
        Problems =
        [
            .. ApiProblems.OfBodies, ProblemCatalog.OutOfRange, ProblemCatalog.TooMany,
            ProblemCatalog.ValueUnknown, ProblemCatalog.SiteUnknown, ProblemCatalog.DuplicateId,
            ProblemCatalog.PolicyInvalid, .. ApiProblems.OfChanges,
        ],
    };
}

/// <summary>Shows the form of changes to play through; each member may be left out.</summary>
internal sealed record WhatIfBody
{
    public IReadOnlyList<WhatIfNodes>? Nodes { get; init; }
    public IReadOnlyList<WhatIfPower>? Power { get; init; }
    public IReadOnlyList<string>? RemoveSites { get; init; }

    [Description("Region and catalogue files to add, or to put in place of those with the same path.")]
    public IReadOnlyList<WhatIfFile>? RegionFiles { get; init; }

    [Description("Policy files to add, or to put in place of those with the same path.")]
    public IReadOnlyList<WhatIfFile>? PolicyFiles { get; init; }

    public IReadOnlyList<string>? RemovePolicies { get; init; }

    [Description("Requests as for placements.")]
    public IReadOnlyList<PlacementBody>? Workloads { get; init; }

    public IReadOnlyList<string>? EndPlacements { get; init; }
}

/// <summary>Shows the form of a pool with so many nodes.</summary>
internal sealed record WhatIfNodes(string Pool, int Nodes);

/// <summary>Shows the form of a site with so much power.</summary>
internal sealed record WhatIfPower(string Site, decimal Megawatts);

/// <summary>Shows the form of a file.</summary>
internal sealed record WhatIfFile(string Path, string Text);

/// <summary>Shows what changes would do.</summary>
internal sealed record WhatIfAnswer
{
    public required DateTimeOffset AsOf { get; init; }
    public required long Position { get; init; }
    public required string StateDigestBefore { get; init; }
    public required string StateDigestAfter { get; init; }

    [Description("Placements whose place would be gone and that find another.")]
    public required int Moved { get; init; }

    [Description("Workloads of the changes that find a place.")]
    public required int Placed { get; init; }

    public required IReadOnlyList<WhatIfRefusalAnswer> Refusals { get; init; }

    [Description("Placements that would no longer be lawful where they are.")]
    public required IReadOnlyList<Guid> Unlawful { get; init; }

    public required CapacityAnswer Before { get; init; }
    public required CapacityAnswer After { get; init; }

    [Description("Losses that would do something else than today.")]
    public required IReadOnlyList<WhatIfSurvivalAnswer> Survival { get; init; }
}

/// <summary>Shows a workload that would find no place.</summary>
internal sealed record WhatIfRefusalAnswer(string Tenant, string Workload, string Reason, bool RunsToday);

/// <summary>Shows what a loss would do.</summary>
internal sealed record WhatIfSurvivalAnswer(
    string Scenario, decimal MissingAcceleratorsBefore, decimal MissingAcceleratorsAfter, int NotRecoveredBefore,
    int NotRecoveredAfter);

/// <summary>Writes what changes would do as clients read it.</summary>
internal static class WhatIfWriter
{
    public static WhatIfAnswer Of(WhatIfReport report) => new()
    {
        AsOf = default,
        Position = 0,
        StateDigestBefore = "",
        StateDigestAfter = "",
        Moved = report.Moved,
        Placed = report.Placed,
        Refusals = [.. report.Refusals.Select(item => new WhatIfRefusalAnswer(
            item.Request.Tenant.Value, item.Request.Workload, item.Reason, item.RunsToday))],
        Unlawful = [.. report.Unlawful.Select(item => item.Id.Value)],
        Before = CapacityWriter.Of(report.Before),
        After = CapacityWriter.Of(report.After),
        Survival = [.. report.Survival.Select(item => new WhatIfSurvivalAnswer(
            item.Scenario, item.MissingMilliBefore / 1000m, item.MissingMilliAfter / 1000m, item.LostBefore,
            item.LostAfter))],
    };
}
