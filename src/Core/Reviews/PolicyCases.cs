using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using ControlPlane.Files;
using ControlPlane.Regions;

namespace ControlPlane.Reviews;

/// <summary>
/// What a policy is expected to say: places and workloads with the verdict on each. A file of it stands beside the
/// policy, named like it with <c>.test.yaml</c> at the end.
/// </summary>
public sealed record PolicyCases
{
    [Description("Policy the cases are about; it is judged alone.")]
    public required PolicyId Policy { get; init; }

    [Description("Day on which cases are judged that give none of their own (UTC).")]
    public required DateOnly AsOf { get; init; }

    [Description("Places made up for the cases, besides the declared regions.")]
    [MaxLength(200)]
    public Seq<PlaceFixture> Places { get; init; }

    [Description("Workloads at places, with the verdict that is expected.")]
    [MinLength(1)]
    [MaxLength(1_000)]
    public required Seq<PolicyCase> Cases { get; init; }

    [Description("Changes of the policy that no case needs to notice, each with the reason.")]
    [MaxLength(200)]
    public Seq<AcceptedSurvivor> AcceptedSurvivors { get; init; }
}

/// <summary>A place made up for cases: one region with one site, one cluster and one pool of the same name.</summary>
public sealed record PlaceFixture
{
    [Description("Names region, site, cluster and pool of the place; no declared one has the name.")]
    public required RegionId Place { get; init; }

    [Description("Country the building stands in.")]
    public required JurisdictionId Country { get; init; }

    [Description("Legal entity that operates the place; an id of catalog/legal-entities.yaml.")]
    public required LegalEntityId Operator { get; init; }

    [Description("Dated facts about the place, as region files have them.")]
    [MaxLength(100)]
    public Seq<Claim> Claims { get; init; }

    [Description("Accelerator model of the place; none when left out.")]
    public SkuId? Sku { get; init; }

    [Description("Accelerators of the place when it has some, eight on a node; 64 when left out.")]
    [Range(8, 100_000)]
    public int? Accelerators { get; init; }

    [Description("true says that its nodes protect memory from their operator.")]
    public bool Confidential { get; init; }

    [Description("Contracted facility power; enough for every node when left out.")]
    [Range(0.001, 20_000)]
    public decimal? Megawatts { get; init; }

    [Description("Day on which the nodes of the place were last counted (UTC).")]
    public DateOnly? CountedOn { get; init; }

    [Description("Round-trip time to another place or declared region, in milliseconds.")]
    [MaxLength(50)]
    public Seq<LinkFixture> Links { get; init; }
}

/// <summary>A network link of a made-up place.</summary>
public sealed record LinkFixture
{
    [Description("Place or declared region at the other end.")]
    public required RegionId To { get; init; }

    [Range(0, 10_000)]
    public required decimal RoundTripMilliseconds { get; init; }
}

/// <summary>What a policy is expected to say.</summary>
public enum ExpectedVerdict
{
    /// <summary>The policy is about the workload and every rule of it is satisfied.</summary>
    Allowed,

    /// <summary>A rule of it keeps the workload out.</summary>
    Denied,

    /// <summary>A rule of it would keep the workload out, but the policy only advises.</summary>
    Advised,

    /// <summary>The policy is not about the workload, or does not hold on the day.</summary>
    Unmatched,
}

/// <summary>One workload at one or more places, and what the policy is expected to say there.</summary>
public sealed record PolicyCase
{
    [Description("Names the case within its file.")]
    [NameFormat("^[a-z0-9]([a-z0-9-]{0,98}[a-z0-9])?$", "1 to 100 lower-case letters, digits and inner hyphens")]
    public required string Case { get; init; }

    [Description(
        "Places of the file, or declared regions, sites, clusters or node pools; the verdict is expected at each.")]
    [MinLength(1)]
    [MaxLength(100)]
    public required Seq<string> At { get; init; }

    public required WorkloadFixture Workload { get; init; }

    [Description("What runs already and counts for quotas and reserves.")]
    [MaxLength(100)]
    public Seq<UseFixture> InUse { get; init; }

    [Description("A move to each of the places that is judged instead of a first placement there.")]
    public MoveFixture? Move { get; init; }

    [Description("Day the case is judged on (UTC); the file's when left out.")]
    public DateOnly? AsOf { get; init; }

    [Description("allowed, denied, advised, or unmatched when the policy says nothing about the workload.")]
    public required ExpectedVerdict Expect { get; init; }

    [Description("Exactly the rules that deny or advise; needed with denied and advised.")]
    [MaxLength(100)]
    public Seq<string> Rules { get; init; }

    [Description("Reason code that one of the rules gives, such as law.residency.")]
    public string? Reason { get; init; }

    [Description("Words that the explanation of one of the rules holds.")]
    public string? Because { get; init; }
}

/// <summary>A change of the policy that no case notices, and why that is all right.</summary>
public sealed record AcceptedSurvivor
{
    [Description("The change, as cplane policy test --mutate names it.")]
    public required string Mutant { get; init; }

    [Description("Why no case needs to notice it.")]
    public required string Reason { get; init; }
}
