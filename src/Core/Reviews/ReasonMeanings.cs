using ControlPlane.Placements;

namespace ControlPlane.Reviews;

/// <summary>Says what each reason code means and what to do about it, for people who meet one.</summary>
public static class ReasonMeanings
{
    /// <summary>Every reason code of verdicts and refusals with its meaning, ordered by code.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new SortedDictionary<string,
        string>(StringComparer.Ordinal)
    {
        ["law.residency"] =
            "A policy names the countries in which the building may stand, and this one stands elsewhere.",
        ["law.operator-control"] =
            "Somebody who controls the place, up to the ultimate parent, has the wrong seat or is "
            + "reached by a law that the policy excludes.",
        ["law.key-custody"] = "The encryption keys are not far enough out of the provider's hands on that day.",
        ["law.certification"] =
            "An assurance scheme that the policy demands is not claimed, with evidence, on that day.",
        ["law.localisation"] = "The data or a copy of it would leave the countries in which all of it must stay.",
        ["law.transfer"] =
            "There is no legal basis, on that day, on which the data may go to the country of the place.",
        ["law.personnel"] =
            "People with privileged access reside where the policy does not want them, or nothing is claimed.",
        ["law.seal"] =
            "The SEAL level of an objective of the EU Cloud Sovereignty Framework is too low; the weakest governs.",
        ["law.export-control"] =
            "The accelerator model may not be used in that country, or by whoever is behind the tenant.",
        ["law.provenance"] = "The request does not name what it runs, or nobody that the policy trusts has signed it.",
        ["law.latency"] = "The round trip to the home region is longer than the policy allows, or is not known.",
        ["law.freshness"] = "The nodes of the pool were not counted recently enough for the policy, or never.",
        ["law.isolation"] = "The work must be kept apart from that of other tenants and cannot be, or is not.",
        ["law.spread"] = "The work must be spread over several sites or regions and cannot be, or is not.",
        ["law.mobility"] =
            "The policy says when, where to, and how much at a time such work may move; this move is none.",
        ["law.dataset"] =
            "A dataset that the work reads may not be kept there, is another tenant's, or is not declared any more.",
        ["law.request-residency"] = "The request itself names the jurisdictions that it accepts.",
        ["law.request-access-law"] = "The request itself excludes a law that reaches somebody who controls the place.",
        ["law.request-region"] = "The request itself allows or denies regions by name.",
        ["health.site-not-active"] = "The site is announced or being built and takes no workloads yet.",
        ["health.site-not-healthy"] =
            "The site is silent, lost, or back for too short a time; nothing new goes there until it was stable.",
        ["health.site-cordoned"] = "An operator keeps new work away from the site.",
        ["health.pool-unknown"] = "What runs there uses a node pool that is not declared any more.",
        ["capability.sku"] = "The nodes have no accelerators, or none of the models that the request accepts.",
        ["capability.memory"] = "The accelerators have too little memory.",
        ["capability.bandwidth"] = "The memory of the accelerators is too slow.",
        ["capability.teraflops"] = "The accelerators compute too slowly at the precision that is asked for.",
        ["capability.fabric"] = "The nodes are joined by another network than the one that is asked for.",
        ["capability.node-size"] = "One unit needs more than a whole node has.",
        ["capability.confidential"] = "The nodes do not protect memory from their operator.",
        ["capacity.accelerators"] =
            "No node has enough free accelerators beside the processor and memory that a unit needs.",
        ["capacity.cpu"] = "No node has enough free processor time for a unit.",
        ["capacity.memory"] = "No node has enough free memory for a unit.",
        ["capacity.fabric-domain"] = "The members must share a fabric domain, and no domain has room for all of them.",
        ["capacity.node-closed"] = "The nodes that would have room are cordoned or taken out of use.",
        ["capacity.power"] = "The power contract of the site has too little left.",
        ["capacity.power-cap"] = "A policy caps the power that such work may draw.",
        ["capacity.isolation"] =
            "Other tenants run where the work would have to be alone, or somebody else is alone there.",
        ["capacity.reserve"] = "What is free is kept in reserve by a policy; work of high enough priority may use it.",
        ["capacity.failover-reserve"] = "What is free is kept for the work of another site when that one dies.",
        ["capacity.region-loss"] =
            "Taking the room would break the promise that everything finds a place when a region is lost.",
        ["capacity.quota"] = "The tenant uses as much as a policy lets it use at once.",
        ["capacity.units"] = "There is room for some of the units, and not for all of them.",
        ["capacity.spread"] = "The units fit, but not spread as the request or a policy asks.",
        ["capacity.dependency"] = "A workload that it needs near does not run at that site, or in that region.",
        ["preference.chosen"] = "The place was chosen: of all that are lawful and have room it has the lowest score.",
        ["preference.preempts"] =
            "The place has room once work of lower priority has ended there, as a policy allows; it is named.",
        ["preference.outranked"] = "The place would do; another has a lower score.",
        [RefusalReason.PolicyContradiction] =
            "The request's own clauses exclude each other; no place could ever satisfy all.",
        [RefusalReason.NoLawfulRegion] =
            "Law denies every place. Ask for another class of data only if the data is of it.",
        [RefusalReason.NoActiveSite] = "Law allows some places, and none of them takes workloads yet.",
        [RefusalReason.DependencyUnmet] = "No lawful place is near the workloads that it needs.",
        [RefusalReason.NoCapableHardware] = "No lawful place has hardware that can do what a unit needs, however free.",
        [RefusalReason.QuotaExceeded] = "There would be room but for the tenant's quota.",
        [RefusalReason.LossUnsurvivable] =
            "There would be room but for the promise that the loss of a region is survived.",
        [RefusalReason.NoCapacity] = "Lawful and capable places have too little room now.",
    };
}
