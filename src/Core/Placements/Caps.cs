using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Placements;

/// <summary>
/// Most units of a request that reserves and quotas let in, of one model: over all, in each region and at each site.
/// The caps nest (site in region in all), which is what makes filling them exact.
/// </summary>
internal sealed class Caps
{
    private readonly World world;
    private readonly PlacementRequest request;
    private readonly Sku? sku;
    private readonly List<InForce<CapacityReserveRule>> reserves = [];
    private readonly List<InForce<FailoverReserveRule>> failoverReserves = [];
    private readonly List<InForce<QuotaRule>> quotas = [];
    private readonly List<InForce<CohortQuotaRule>> cohorts = [];
    private readonly List<InForce<PowerCapRule>> powerCaps = [];
    private readonly DateTimeOffset asOf;

    // The world does not change while caps are asked for, so each is worked out once.
    private Dictionary<int, Cap>? ofRegions;
    private Dictionary<int, Cap>? ofSites;
    private Cap? total;

    /// <summary>The caps that policies of one enforcement set; only mandatory ones bind.</summary>
    public Caps(Question question, Sku? sku, Enforcement enforcement = Enforcement.Mandatory)
    {
        (world, var law, request, asOf) = question;
        this.sku = sku;
        WithReserveRules = !question.IsFailover;
        foreach (var policy in law.Applicable(LawSubject.Of(request), asOf))
        {
            if (policy.Enforcement != enforcement) continue;
            foreach (var rule in policy.Rules.OfType<CapacityRule>()) Add(policy, rule);
        }
    }

    private void Add(Policy policy, CapacityRule rule)
    {
        var needsAccelerator = Need.NeedsAccelerator;
        switch (rule)
        {
            case CapacityReserveRule reserve when WithReserveRules && needsAccelerator
                && reserve.Covers(sku, request.Priority):
                reserves.Add(new(policy, reserve));
                break;
            case FailoverReserveRule reserve when WithReserveRules && needsAccelerator
                && reserve.Covers(sku, request.Priority)
                && !(reserve.Lends && ReservationBook.IsPreemptible(request)):
                failoverReserves.Add(new(policy, reserve));
                break;
            case QuotaRule quota when quota.Counts(sku):
                quotas.Add(new(policy, quota));
                break;
            case CohortQuotaRule cohort when needsAccelerator && cohort.Counts(sku):
                cohorts.Add(new(policy, cohort));
                break;
            case PowerCapRule cap:
                powerCaps.Add(new(policy, cap));
                break;
        }
    }

    /// <summary>Policies in force that limit how much a request may use of anything, the power of sites included.
    /// </summary>
    public static Seq<PolicyId> PoliciesOf(Question question, LawSubject subject) =>
        Binding(question, subject, rule => rule is CapacityRule).Select(policy => policy.Id).ToSeq();

    /// <summary>Whether any rule but the power of sites may limit how many units are let in.</summary>
    public static bool MayLimit(Question question) =>
        Binding(question, LawSubject.Of(question.Request), rule => rule is CapacityRule and not PowerCapRule).Any();

    private static IEnumerable<Policy> Binding(Question question, LawSubject subject, Func<PolicyRule, bool> chosen) =>
        question.Law.Applicable(subject, question.AsOf).Where(
            policy => policy.Enforcement == Enforcement.Mandatory && policy.Rules.Any(chosen));

    /// <summary>False leaves quotas out, to tell whether they alone are in the way.</summary>
    public bool WithQuota { get; init; } = true;

    /// <summary>False leaves reserves out, for what they are kept for.</summary>
    public bool WithReserves { get; init; } = true;

    /// <summary>Whether rules keep reserves; what is reserved for windows of time is kept all the same.</summary>
    private bool WithReserveRules { get; }

    private UnitNeed Need => request.Unit;

    /// <summary>The tightest cap over everything.</summary>
    public Cap Total() => total ??= Tightest(
        quotas.Where(quota => WithQuota && quota.Rule.Over == QuotaScope.All)
            .Select(quota => QuotaCap(quota.Name, quota.Rule, UsageKey.AllRegions))
            .Concat(cohorts.Where(cohort => WithQuota && cohort.Rule.Over == QuotaScope.All)
                .Select(cohort => CohortCap(cohort.Name, cohort.Rule, UsageKey.AllRegions))));

    public Cap Of(FleetRegion region)
    {
        ofRegions ??= [];
        if (ofRegions.TryGetValue(region.Index, out var known)) return known;
        ofRegions.Add(region.Index, known = Tightest(CapsOf(region)));
        return known;
    }

    public Cap Of(FleetSite site)
    {
        ofSites ??= [];
        if (!ofSites.TryGetValue(site.Index, out var known)) ofSites.Add(site.Index, known = Tightest(CapsOf(site)));
        return known;
    }

    /// <summary>
    /// Thousandths of accelerators that must become free in a pool so that the caps let all units in there; null when
    /// nothing that ends there would do.
    /// </summary>
    public long? MissingMilli(FleetPool pool)
    {
        if (!LimitUnits) return 0;
        if (Total().Units < request.Units) return null;
        long missing = 0;
        foreach (var cap in CapsOf(pool.Region).Concat(CapsOf(pool.Site)))
        {
            if (cap.Units >= request.Units) continue;
            if (cap.LeftMilli is not { } left) return null;
            missing = Math.Max(missing, ((long)request.Units * Need.AcceleratorMilli) - left);
        }

        return missing;
    }

    private IEnumerable<Cap> CapsOf(FleetRegion region) =>
        quotas.Where(quota =>
                WithQuota && quota.Rule.Over == QuotaScope.Region && quota.Rule.Counts(region.Id) && quota.In(region))
            .Select(quota => QuotaCap(quota.Name, quota.Rule, region.Index))
            .Concat(cohorts
                .Where(cohort => WithQuota && cohort.Rule.Over == QuotaScope.Region && cohort.Rule.Counts(region.Id)
                    && cohort.In(region))
                .Select(cohort => CohortCap(cohort.Name, cohort.Rule, region.Index)))
            .Concat(Reserved(region))
            .Concat(failoverReserves.Where(reserve => WithReserves && reserve.In(region))
                .Select(reserve => FailoverCap((reserve.Name, reserve.Rule.Lends), region)))
            .Concat(reserves
                .Where(reserve => WithReserves && reserve.Rule.Over == CapScope.Region && reserve.In(region))
                .Select(reserve => ReserveCap(reserve.Name, reserve.Rule, world.Fleet.PoolsOf(region))));

    private IEnumerable<Cap> CapsOf(FleetSite site) =>
        reserves.Where(reserve => reserve.Rule.Over == CapScope.Site && reserve.In(site.Region))
            .Select(reserve => ReserveCap(reserve.Name, reserve.Rule, world.Fleet.PoolsOf(site)));

    /// <summary>Whether any rule but the power of sites limits how many units are let in.</summary>
    public bool LimitUnits => reserves.Count + failoverReserves.Count + quotas.Count + cohorts.Count > 0
        || (Need.NeedsAccelerator && world.Reservations.All.Count > 0);

    /// <summary>Facility power at a site that contract and power caps give, used or not, in milliwatts.</summary>
    public long PowerLimit(FleetSite site) => PowerLimitOf(site).Milliwatts;

    /// <summary>
    /// Facility power at a site that contract and power caps give and nobody draws, and what limits it.
    /// </summary>
    public PowerRoom PowerLeft(FleetSite site)
    {
        var (limit, by) = PowerLimitOf(site);
        return new PowerRoom(Math.Max(0, limit - world.SiteMilliwatts(site.Index)), by);
    }

    /// <summary>
    /// The least contract under which a site may draw so much; null when a cap stays below that whatever the contract.
    /// </summary>
    public long? ContractFor(FleetSite site, long milliwatts)
    {
        var contract = milliwatts;
        foreach (var cap in powerCaps.Where(cap => cap.Rule.Covers(site.Id, request.Priority) && cap.In(site.Region)))
        {
            if (cap.Rule.LimitMilliwatts(long.MaxValue) < milliwatts) return null;
            if (cap.Rule.PercentOfContract is { } percent)
                contract = Math.Max(contract, (milliwatts + percent - 1) / percent * 100);
        }

        return contract;
    }

    private PowerRoom PowerLimitOf(FleetSite site)
    {
        var contract = site.FacilityMilliwattsAt(asOf);
        var (limit, by) = (contract, (string?)null);
        foreach (var cap in powerCaps.Where(cap => cap.Rule.Covers(site.Id, request.Priority) && cap.In(site.Region)))
        {
            var capped = cap.Rule.LimitMilliwatts(contract);
            if (capped < limit) (limit, by) = (capped, cap.Name);
        }

        return new PowerRoom(limit, by);
    }

    /// <summary>A rule of a policy that sets caps.</summary>
    private readonly record struct InForce<T>(Policy Policy, T Rule) where T : CapacityRule
    {
        public string Name => $"{Policy.Id}/{Rule.Rule}";

        public bool In(FleetRegion region) => Policy.HoldsIn(region.Id);
    }

    /// <summary>What windows that are reserved for others leave; law and hardware know nothing of them.</summary>
    private IEnumerable<Cap> Reserved(FleetRegion region)
    {
        if (!WithReserves || !Need.NeedsAccelerator || sku is null) yield break;
        if (world.Reservations.At(region.Id, sku.Id).Count == 0) yield break;
        var unclipped = ReservedRoom.UnclippedMilli(world, region, sku, (request, asOf));
        var left = Math.Max(0, unclipped);
        yield return new Cap(left / Need.AcceleratorMilli, ReasonCode.Reserve, "reservations", () =>
            $"reservations of others leave {left} thousandths of {sku.Id} in {region}") { LeftMilli = unclipped };
    }

    private static Cap Tightest(IEnumerable<Cap> caps) =>
        caps.Aggregate(Cap.None, (tightest, cap) => cap.Units < tightest.Units ? cap : tightest);

    private Cap ReserveCap(string name, CapacityReserveRule rule, ArraySegment<FleetPool> pools)
    {
        long installed = 0, used = 0;
        foreach (var pool in pools)
        {
            if (pool.Sku != sku) continue;
            // What stands at a site that takes no workloads cannot be anyone's reserve.
            if (Placer.IsActive(pool.Site)) installed += pool.AcceleratorMilli;
            used += pool.AcceleratorMilli - world.Nodes.FreeAcceleratorMilli(pool.Index);
        }

        var left = Math.Max(0, rule.UsableMilli(installed) - used);
        return new Cap(left / Need.AcceleratorMilli, ReasonCode.Reserve, name, () =>
            $"{rule.Percent} % of {installed / 1000} {sku!.Id} stay in reserve; {left} thousandths may still be used")
        {
            LeftMilli = rule.UsableMilli(installed) - used,
        };
    }

    private Cap FailoverCap((string Name, bool Lends) rule, FleetRegion region)
    {
        var sites = world.Fleet.PoolsOf(region).Where(pool => pool.Sku == sku)
            .GroupBy(pool => pool.Site)
            .Select(pools =>
            {
                // What is lent comes back at once, and needs no other place when its own is lost.
                var free = pools.Sum(pool => world.Nodes.FreeAcceleratorMilli(pool.Index)
                    + (rule.Lends ? world.Bands.PreemptibleMilli(pool.Index) : 0));
                // A site that takes no workloads cannot take those of a lost one.
                return (Placer.IsActive(pools.Key) ? free : 0, pools.Sum(pool => pool.AcceleratorMilli) - free);
            })
            .ToList();
        var unclipped = FailoverReserveRule.UnclippedMilli(sites);
        var left = Math.Max(0, unclipped);
        return new Cap(left / Need.AcceleratorMilli, ReasonCode.FailoverReserve, rule.Name, () =>
            $"if a site of {region} is lost the others must take its work: {left} thousandths of {sku!.Id} may still "
            + $"be used over {sites.Count} site(s)")
        {
            // What borrows counts as free already, so that ending it leaves no more.
            LeftMilli = rule.Lends ? null : unclipped,
        };
    }

    private Cap CohortCap(string name, CohortQuotaRule rule, int region)
    {
        var used = UsedMilli(request.Tenant);
        var limit = rule.LimitMilli(request.Tenant, UsedMilli);
        return new Cap(Math.Max(0, limit - used) / Need.AcceleratorMilli, ReasonCode.Quota, name, () =>
            $"the cohort lets the tenant have {limit} thousandths of an accelerator in use, {used} are");

        long UsedMilli(TenantId tenant) => world.Fleet.Skus
            .Select((model, index) => rule.Counts(model) ? world.UsageOf(tenant, region, index).AcceleratorMilli : 0)
            .Sum();
    }

    private Cap QuotaCap(string name, QuotaRule rule, int region)
    {
        var used = default(Usage);
        for (var index = -1; index < world.Fleet.Skus.Count; index++)
        {
            if (!rule.Counts(index < 0 ? null : world.Fleet.Skus[index])) continue;
            var part = world.UsageOf(request.Tenant, region, index);
            used = new(used.AcceleratorMilli + part.AcceleratorMilli, used.CpuMilli + part.CpuMilli,
                used.MemoryMib + part.MemoryMib);
        }

        return Tightest([
            Limit(name, rule.Accelerators * 1000L, used.AcceleratorMilli,
                (Need.AcceleratorMilli, "thousandths of an accelerator")),
            Limit(name, rule.CpuMilli, used.CpuMilli, (Need.CpuMilli, "thousandths of a core")),
            Limit(name, rule.MemoryMib, used.MemoryMib, (Need.MemoryMib, "MiB")),
        ]);
    }

    private Cap Limit(string name, long? limit, long used, (long Amount, string Unit) each) =>
        limit is not { } most || each.Amount == 0
            ? Cap.None
            : new Cap(Math.Max(0, most - used) / each.Amount, ReasonCode.Quota, name, () =>
                $"tenant {request.Tenant} uses {used} of {most} {each.Unit}; the request needs "
                + $"{each.Amount * request.Units} more");
}

/// <summary>Power that is left at a site.</summary>
/// <param name="Milliwatts">Facility power.</param>
/// <param name="CappedBy">Rule that caps it below the contract; null when the contract is the limit.</param>
internal readonly record struct PowerRoom(long Milliwatts, string? CappedBy);

/// <summary>A limit on units, and the rule that sets it; why is put into words only when somebody asks.</summary>
internal sealed class Cap(long units, string reason, string rule, Func<string> because)
{
    public static Cap None { get; } = new(long.MaxValue, "", "", () => "");

    public long Units => units;

    public string Reason => reason;

    public string Rule => rule;

    public string Because => because();

    /// <summary>
    /// Thousandths of accelerators that it leaves, below zero where it is overdrawn; null when it leaves no more if
    /// something ends.
    /// </summary>
    public long? LeftMilli { get; init; }
}
