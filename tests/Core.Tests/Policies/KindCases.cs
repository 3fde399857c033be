using ControlPlane.Policies;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Policies;

/// <summary>One rule of a kind with what it allows, what it forbids, and how it can be misconfigured.</summary>
/// <param name="Rule">Fields of the rule as its file gives them, in flow style.</param>
/// <param name="Allowed">A request that the rule lets in.</param>
/// <param name="Forbidden">A request that the rule keeps out, and nothing else would.</param>
/// <param name="Reason">Code under which the denial is counted.</param>
/// <param name="Misconfigured">Rules that are refused, each with the slug and the path of its problem.</param>
internal sealed record KindCase(
    string Rule, PlacementRequest Allowed, PlacementRequest Forbidden, string Reason,
    params (string Rule, string Slug, string Path)[] Misconfigured);

/// <summary>The golden cases of every kind of rule. A kind that has none fails the build's tests.</summary>
internal static class KindCases
{
    private static readonly PlacementRequest De = KindFleet.Request.In("de-one");
    private static readonly PlacementRequest Us = KindFleet.Request.In("us-one");
    private static readonly PlacementRequest Small = Us with { Unit = Us.Unit with { Accelerators = 2 } };
    private static readonly Artefact Signed = new($"sha256:{new string('0', 64)}", "ml-team");

    public static IReadOnlyDictionary<Type, KindCase[]> All { get; } = new Dictionary<Type, KindCase[]>
    {
        [typeof(ResidencyRule)] =
        [
            new("kind: residency, allow: [EU]", De, Us, ReasonCode.Residency,
                ("kind: residency", "policy-blank", "rules[0]"),
                ("kind: residency, allow: []", "policy-blank", "rules[0]"),
                ("kind: residency, allow: [XX]", "country-unknown", "rules[0].allow[0]"),
                ("kind: residency, allow: [DE], deny: [DE]", "rule-conflict", "rules[0]"),
                ("kind: residency, alow: [DE]", "attribute-unknown", "rules[0].alow")),
            new("kind: residency, deny: [US]", De, Us, ReasonCode.Residency),
        ],
        [typeof(LocalisationRule)] =
        [
            new("kind: localisation, allow: [DE]", De with { DataCopies = [new("de-one")] },
                De with { DataCopies = [new("us-one")] }, ReasonCode.Localisation,
                ("kind: localisation", "policy-blank", "rules[0].allow"),
                ("kind: localisation, allow: [XX]", "country-unknown", "rules[0].allow[0]")),
            new("kind: localisation, allow: [EU]", De with { DataCopies = [] }, De, ReasonCode.Localisation),
            new("kind: localisation, allow: [EU]", De with { DataCopies = [] }, Us with { DataCopies = [] },
                ReasonCode.Localisation),
        ],
        [typeof(TransferRule)] =
        [
            new("kind: transfer, accept: [adequacy]", De with { DataOrigin = new("EU") },
                Us with { DataOrigin = new("EU") }, ReasonCode.Transfer,
                ("kind: transfer", "policy-blank", "rules[0].accept"),
                ("kind: transfer, accept: [none]", "policy-blank", "rules[0].accept"),
                ("kind: transfer, accept: [adequacy], from: XX", "country-unknown", "rules[0].from")),
            new("kind: transfer, accept: [contractClauses]", Us with { DataOrigin = new("EU") }, De,
                ReasonCode.Transfer),
            new("kind: transfer, from: EU, accept: [adequacy, contractClauses]", Us,
                De with { DataCopies = [new("gone")] }, ReasonCode.Transfer),
        ],
        [typeof(OperatorControlRule)] =
        [
            new("kind: operatorControl, denyAccessLaws: [US_CLOUD_ACT]", De, Us, ReasonCode.OperatorControl,
                ("kind: operatorControl", "policy-blank", "rules[0]"),
                ("kind: operatorControl, denyAccessLaws: [CLOUD_ACT]", "access-law-unknown",
                    "rules[0].denyAccessLaws[0]")),
            new("kind: operatorControl, seatsIn: [EU]", De, Us, ReasonCode.OperatorControl),
        ],
        [typeof(KeyCustodyRule)] =
        [
            new("kind: keyCustody, atLeast: external", De, Us, ReasonCode.KeyCustody,
                ("kind: keyCustody", "field-required", "rules[0].atLeast"),
                ("kind: keyCustody, atLeast: provider", "policy-blank", "rules[0].atLeast"),
                ("kind: keyCustody, atLeast: best", "value-unknown", "rules[0].atLeast")),
        ],
        [typeof(PersonnelRule)] =
        [
            new("kind: personnel, resideIn: [EU]", De, Us, ReasonCode.Personnel,
                ("kind: personnel", "policy-blank", "rules[0].resideIn"),
                ("kind: personnel, resideIn: [EEU]", "country-unknown", "rules[0].resideIn[0]")),
        ],
        [typeof(CertificationRule)] =
        [
            new("kind: certification, anyOf: [BSI_C5]", De, Us, ReasonCode.Certification,
                ("kind: certification", "policy-blank", "rules[0]"),
                ("kind: certification, anyOf: [BSI_C6]", "scheme-unknown", "rules[0].anyOf[0]")),
            new("kind: certification, allOf: [BSI_C5], sourcedOnly: true", De, Us, ReasonCode.Certification),
        ],
        [typeof(SealRule)] =
        [
            new("kind: seal, minimum: [{objective: SOV-1, level: 3}]", De, Us, ReasonCode.Seal,
                ("kind: seal", "policy-blank", "rules[0].minimum"),
                ("kind: seal, minimum: [{objective: SOV-9, level: 3}]", "name-format", "rules[0].minimum[0].objective"),
                ("kind: seal, minimum: [{objective: SOV-1, level: 5}]", "out-of-range", "rules[0].minimum[0].level"),
                ("kind: seal, minimum: [{objective: SOV-1, level: 1}, {objective: SOV-1, level: 2}]", "rule-conflict",
                    "rules[0].minimum[1].objective")),
        ],
        [typeof(ExportControlRule)] =
        [
            new("kind: exportControl, skus: [h100], denySites: [US]", De, Us, ReasonCode.ExportControl,
                ("kind: exportControl, denySites: [US]", "policy-blank", "rules[0]"),
                ("kind: exportControl, skus: [h100]", "policy-blank", "rules[0]"),
                ("kind: exportControl, skus: [h1000], denySites: [US]", "accelerator-unknown", "rules[0].skus[0]")),
            new("kind: exportControl, totalProcessingPerformance: 4800, denyControllers: [US]", De, Us,
                ReasonCode.ExportControl),
            new("kind: exportControl, totalProcessingPerformance: 4800, allowTenants: [EU]",
                De with { TenantHome = new("DE") }, De, ReasonCode.ExportControl),
            new("kind: exportControl, totalProcessingPerformance: 4800, denyTenants: [US]",
                De with { TenantHome = new("DE") }, De with { TenantHome = new("US") }, ReasonCode.ExportControl),
            new("kind: exportControl, skus: [h100], allowSites: [EU]", De, Us, ReasonCode.ExportControl),
        ],
        [typeof(ProvenanceRule)] =
        [
            new("kind: provenance, signers: [ml-team]", De with { Artefact = Signed },
                De with { Artefact = Signed with { SignedBy = "stranger" } }, ReasonCode.Provenance,
                ("kind: provenance", "policy-blank", "rules[0].signers")),
            new("kind: provenance, signers: [ml-team]", De with { Artefact = Signed }, De, ReasonCode.Provenance),
        ],
        [typeof(LatencyRule)] =
        [
            new("kind: latency, atMostMilliseconds: 50", De with { HomeRegion = new("de-one") },
                Us with { HomeRegion = new("de-one") }, ReasonCode.Latency,
                ("kind: latency", "field-required", "rules[0].atMostMilliseconds"),
                ("kind: latency, atMostMilliseconds: 0", "out-of-range", "rules[0].atMostMilliseconds"),
                ("kind: latency, atMostMilliseconds: 5, to: [mars]", "region-unknown", "rules[0].to[0]")),
            new("kind: latency, atMostMilliseconds: 50, to: [de-one]", De, Us, ReasonCode.Latency),
        ],
        [typeof(FreshnessRule)] =
        [
            new("kind: freshness, withinDays: 14", De, Us, ReasonCode.Freshness,
                ("kind: freshness", "field-required", "rules[0].withinDays"),
                ("kind: freshness, withinDays: 0", "out-of-range", "rules[0].withinDays")),
        ],
        [typeof(IsolationRule)] =
        [
            new("kind: isolation, atLeast: shared, confidential: true", De, Us, ReasonCode.Isolation,
                ("kind: isolation", "field-required", "rules[0].atLeast"),
                ("kind: isolation, atLeast: shared", "policy-blank", "rules[0].atLeast"),
                ("kind: isolation, atLeast: alone", "value-unknown", "rules[0].atLeast")),
        ],
        [typeof(SpreadRule)] =
        [
            new("kind: spread, over: site, minDomains: 2", De with { Units = 2 },
                De with { Kind = WorkloadKind.Gang, Units = 2 }, ReasonCode.DemandedSpread,
                ("kind: spread, over: site", "field-required", "rules[0].minDomains"),
                ("kind: spread, over: site, minDomains: 1", "out-of-range", "rules[0].minDomains")),
            new("kind: spread, over: region, minDomains: 2, maxSkew: 0",
                KindFleet.Request with { Units = 2 }, De, ReasonCode.DemandedSpread),
        ],
        [typeof(MobilityRule)] =
        [
            new("kind: mobility, mayMove: true, to: [EU]", De, Us, ReasonCode.Mobility,
                ("kind: mobility", "field-required", "rules[0].mayMove"),
                ("kind: mobility, mayMove: true", "policy-blank", "rules[0]"),
                ("kind: mobility, mayMove: false, to: [EU]", "rule-conflict", "rules[0]"),
                ("kind: mobility, mayMove: true, to: [XX]", "country-unknown", "rules[0].to[0]"),
                ("kind: mobility, mayMove: true, failback: {}", "policy-blank", "rules[0].failback"),
                ("kind: mobility, mayMove: true, windows: [{fromMinute: 0, toMinute: 60}]", "policy-blank",
                    "rules[0].windows[0].days")),
        ],
        [typeof(CapacityReserveRule)] =
        [
            new("kind: capacityReserve, percent: 60, over: site", Small, Us, ReasonCode.Reserve,
                ("kind: capacityReserve, over: site", "field-required", "rules[0].percent"),
                ("kind: capacityReserve, percent: 100, over: site", "out-of-range", "rules[0].percent"),
                ("kind: capacityReserve, percent: 5, over: site, skus: [x1]", "accelerator-unknown",
                    "rules[0].skus[0]")),
        ],
        [typeof(FailoverReserveRule)] =
        [
            new("kind: failoverReserve, openFromPriority: 900", De, Us, ReasonCode.FailoverReserve,
                ("kind: failoverReserve", "field-required", "rules[0].openFromPriority"),
                ("kind: failoverReserve, openFromPriority: 900, skus: [x1]", "accelerator-unknown",
                    "rules[0].skus[0]")),
        ],
        [typeof(QuotaRule)] =
        [
            new("kind: quota, accelerators: 3, over: all", Small, Us, ReasonCode.Quota,
                ("kind: quota, over: all", "policy-blank", "rules[0]"),
                ("kind: quota, accelerators: 4, over: all, regions: [de-one]", "rule-conflict", "rules[0].regions"),
                ("kind: quota, accelerators: 4, over: region, regions: [mars]", "region-unknown",
                    "rules[0].regions[0]")),
        ],
        [typeof(CohortQuotaRule)] =
        [
            new("kind: cohortQuota, over: all, members: [{tenant: t1, accelerators: 3, borrowAtMost: 0}]",
                Small, Us, ReasonCode.Quota,
                ("kind: cohortQuota, over: all", "policy-blank", "rules[0].members"),
                ("kind: cohortQuota, over: all, members: [{tenant: t1, accelerators: 4, borrowAtMost: 0, lendAtMost: "
                + "5}]",
                    "rule-conflict", "rules[0].members[0].lendAtMost"),
                ("kind: cohortQuota, over: all, members: [{tenant: t1, accelerators: 4, borrowAtMost: 0}, "
                    + "{tenant: t1, accelerators: 4, borrowAtMost: 0}]", "duplicate-id", "rules[0].members[1].tenant")),
            new("kind: cohortQuota, over: all, members: [{tenant: t1, accelerators: 1, borrowAtMost: 3}, "
                + "{tenant: t2, accelerators: 8, borrowAtMost: 0, lendAtMost: 2}]",
                Small, Us, ReasonCode.Quota),
        ],
        [typeof(PowerCapRule)] =
        [
            new("kind: powerCap, megawatts: 0.002", Small, Us, ReasonCode.PowerCap,
                ("kind: powerCap", "policy-blank", "rules[0]"),
                ("kind: powerCap, percentOfContract: 100", "out-of-range", "rules[0].percentOfContract"),
                ("kind: powerCap, megawatts: 1, sites: [mars]", "site-unknown", "rules[0].sites[0]")),
            new("kind: powerCap, percentOfContract: 2", Small, Us, ReasonCode.PowerCap),
        ],
        // What is allowed runs on when something urgent comes; what is forbidden ends.
        [typeof(PreemptionRule)] =
        [
            new("kind: preemption, whose: any", Us with { RunClass = RunClass.Sticky }, Us, ReasonCode.Preempts,
                ("kind: preemption", "field-required", "rules[0].whose"),
                ("kind: preemption, whose: all", "value-unknown", "rules[0].whose"),
                ("kind: preemption, whose: any, fromPriority: 100, victimsBelow: 200", "rule-conflict",
                    "rules[0].victimsBelow")),
            new("kind: preemption, whose: any", Us with { Priority = 890 }, Us with { Priority = 880 },
                ReasonCode.Preempts),
            new("kind: preemption, whose: own", Us with { Tenant = new("t2") }, Us, ReasonCode.Preempts),
            new("kind: preemption, whose: any, victimsBelow: 300", Us with { Priority = 300 },
                Us with { Priority = 299 }, ReasonCode.Preempts),
            new("kind: preemption, whose: any, fromPriority: 900, onlyPreemptible: true", Us,
                Us with { Labels = [new("preemptible", "true")] }, ReasonCode.Preempts),
        ],
    };
}
