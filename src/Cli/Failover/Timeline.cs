using System.Globalization;
using System.Text.Json;
using ControlPlane.Cli.Terminal;

namespace ControlPlane.Cli.Failover;

/// <summary>
/// Tells what happens to sites and moves as one story: suspicion, the wait until nothing can run at the site any more,
/// the loss, the plan, the moves, what stays put, how long it all took, and the way home.
/// </summary>
internal sealed class Timeline
{
    /// <summary>A plan of more moves is told in tenths and not move by move.</summary>
    private const int MostToldOneByOne = 20;

    private static readonly TimeSpan OftenEnough = TimeSpan.FromSeconds(1);

    private readonly SortedDictionary<string, SiteStory> sites = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PlanStory> plans = new(StringComparer.Ordinal);

    private DateTimeOffset fenceTold;

    /// <summary>Whether what left a lost site runs elsewhere, as far as it can.</summary>
    public bool IsRecovered { get; private set; }

    /// <summary>Whether what went home runs there again.</summary>
    public bool IsHome { get; private set; }

    public IEnumerable<string> Of(string kind, JsonElement data)
    {
        var at = DateTimeOffset.Parse(data.Text("at"), CultureInfo.InvariantCulture);
        var lines = kind switch
        {
            "judging-paused" => [$"no site is taken for lost: {data.Text("because")}; look at this server's network"],
            "judging-resumed" => ["sites are judged again"],
            "plan-landed" => Plan(data, at),
            "move-stepped" => Step(data, at),
            "placements-preempted" => [$"{data.Text("placement")} takes its room{Ended(data)}"],
            _ when kind.StartsWith("node-", StringComparison.Ordinal) => Node(kind, data),
            _ => Site(kind, data, at),
        };
        return lines.Select(line => line.StartsWith("  ", StringComparison.Ordinal)
            ? $"{new string(' ', 20)}{line}"
            : $"{at.ToLocalTime():HH:mm:ss} {Since(at),9}  {line}");
    }

    /// <summary>One line for each site that was lost, with how long everything took.</summary>
    public IEnumerable<string> Summary()
    {
        var lost = sites.Where(site => site.Value.LostAt is not null).ToList();
        if (lost.Count == 0) yield break;
        var width = lost.Max(site => site.Key.Length);
        yield return "";
        yield return $"{"SITE".PadRight(width)}  LOST AFTER  RECOVERED AFTER  MOVED  STAYED  HOME AFTER";
        foreach (var (name, site) in lost)
        {
            yield return string.Join("  ",
                name.PadRight(width), Span(site.SuspectedAt, site.LostAt).PadLeft(10),
                Span(site.SuspectedAt, site.RecoveredAt).PadLeft(15), $"{site.Moved}".PadLeft(5),
                $"{site.Stayed}".PadLeft(6), Span(site.TrustedAt, site.HomeAt).PadLeft(10));
        }
    }

    private IEnumerable<string> Site(string kind, JsonElement data, DateTimeOffset at)
    {
        var name = data.Text("site");
        if (!sites.TryGetValue(name, out var site)) sites.Add(name, site = new());
        var because = data.Text("because");
        switch (kind)
        {
            case "site-suspected":
                site.Suspect(at);
                yield return $"{name} is suspected: {because}";
                // Where many fall silent at once, once is enough.
                if (at - fenceTold > OftenEnough)
                {
                    fenceTold = at;
                    yield return $"  fence wait: it is lost after {data.Text("lostAfterSeconds")} s of silence, when "
                        + "nothing exclusive can run there any more; "
                        + $"after {data.Text("contradictedAfterSeconds")} s if others still reach it";
                }

                break;
            case "site-cleared":
                site.SuspectedAt = null;
                yield return $"{name} is well: {because}";
                break;
            case "site-lost":
                site.SuspectedAt ??= at;
                site.LostAt = at;
                yield return $"{name} is lost: {because}";
                break;
            case "site-returned":
                yield return $"{name} is back: {because}; it takes no work until it was stable for "
                    + $"{data.Text("stableForSeconds")} s";
                break;
            case "site-recovered":
                site.TrustedAt = at;
                yield return $"{name} is trusted again: {because}";
                if (site.Moved > 0)
                {
                    yield return
                        $"  failback: its work goes home once it was well for {data.Text("failbackAfterSeconds")} s";
                }

                break;
            default:
                yield return $"{name} is {kind.Replace("site-", "", StringComparison.Ordinal).Replace('-', ' ')}"
                    + (because.Length > 0 ? $": {because}" : "");
                break;
        }
    }

    private static IEnumerable<string> Node(string kind, JsonElement data)
    {
        var duty = kind switch
        {
            "node-uncordoned" => "in use again",
            "node-out" => "out of use: nothing is on it any more",
            _ => kind["node-".Length..],
        };
        yield return $"{data.Text("node")} is {duty}"
            + (kind == "node-out" || data.Text("because").Length == 0 ? "" : $": {data.Text("because")}");
    }

    private IEnumerable<string> Plan(JsonElement data, DateTimeOffset at)
    {
        var plan = new PlanStory(data);
        plans[data.Text("plan")] = plan;
        foreach (var site in plan.Sites.Where(sites.ContainsKey)) sites[site].Stayed = plan.Stays;
        var law = plan.Kind == "remedy" ? ", for what the law denies where it is, or will before long" : "";
        yield return $"{plan.Kind} plan{law}: {plan.Moves} move, {plan.Stays} stay put{Reasons(data)}{Ended(data)}";
        var (moving, staying) = (data.Items("moving").ToList(), data.Items("staying").ToList());
        var width = moving.Concat(staying).Select(item => item.Text("workload").Length).DefaultIfEmpty(0).Max();
        foreach (var item in moving.Take(MostToldOneByOne))
            yield return $"  {item.Text("workload").PadRight(width)}  {item.Text("from")} -> {item.Text("to")}";
        foreach (var item in staying.Take(MostToldOneByOne))
        {
            yield return $"  {item.Text("workload").PadRight(width)}  stays put: {item.Text("because")} "
                + $"[{item.Text("reason")}]";
        }

        var left = plan.Moves + plan.Stays - Math.Min(moving.Count, MostToldOneByOne)
            - Math.Min(staying.Count, MostToldOneByOne);
        if (left > 0) yield return $"  and {left} more";
        if (plan.Moves == 0) foreach (var line in End(plan, at)) yield return line;
    }

    private IEnumerable<string> Step(JsonElement data, DateTimeOffset at)
    {
        var plan = plans.GetValueOrDefault(data.Text("plan"));
        var name = data.Text("workload") is { Length: > 0 } workload ? workload : data.Text("placement");
        var (step, because) = (data.Text("step"), data.Text("because"));
        if (plan is null || plan.Moves <= MostToldOneByOne || data.Flag("parked"))
        {
            yield return step switch
            {
                _ when data.Flag("parked") => $"{name} is parked at its start: {because}",
                "stopping" => $"{name} stops{At(data, "from")}",
                "starting" => $"{name} starts{At(data, "to")}",
                "done" => because.Length > 0 ? $"{name}: {because}" : $"{name} runs{At(data, "to")}",
                "undone" => $"{name} stays{At(data, "from")}: {because}",
                _ => $"{name}: {step}",
            };
        }

        if (plan is null || step is not ("done" or "undone")) yield break;
        if (step == "done") plan.Done++;
        else plan.Undone++;
        if (plan.Moves > MostToldOneByOne && plan.Done * 10 / plan.Moves > plan.TenthsTold)
        {
            plan.TenthsTold = plan.Done * 10 / plan.Moves;
            yield return $"{plan.Done} of {plan.Moves} run at their targets";
        }

        if (plan.Done + plan.Undone == plan.Moves) foreach (var line in End(plan, at)) yield return line;
    }

    /// <summary>What a plan came to, and how long it took.</summary>
    private IEnumerable<string> End(PlanStory plan, DateTimeOffset at)
    {
        var of = plan.Moves + plan.Stays;
        switch (plan.Kind)
        {
            case "failover":
                var known = plan.Sites.Where(sites.ContainsKey).Select(name => sites[name]).ToList();
                foreach (var site in known)
                {
                    site.RecoveredAt = at;
                    site.Moved += plan.Done;
                }

                var first = known.Min(site => site.SuspectedAt);
                IsRecovered = true;
                yield return plan.Moves == 0
                    ? $"nothing moves: {plan.Stays} stay put"
                    : $"recovered: {plan.Done} of {of} run elsewhere"
                        + (first is null ? "" : $", {Span(first, at)} after the first suspicion");
                break;
            case "failback":
                foreach (var name in plan.To.Where(sites.ContainsKey)) sites[name].HomeAt = at;
                var trusted = plan.To.Where(sites.ContainsKey).Select(name => sites[name].TrustedAt).Max();
                IsHome = plan.Done > 0;
                yield return $"home: {plan.Done} of {plan.Moves} run where they came from"
                    + (trusted is null ? "" : $", {Span(trusted, at)} after it was trusted again");
                break;
            default:
                if (plan.Moves > 0) yield return $"moved: {plan.Done} of {of}";
                break;
        }
    }

    /// <summary>Time since the newest trouble began, while there is one.</summary>
    private string Since(DateTimeOffset at)
    {
        // What is only suspected beside a loss is no new trouble.
        var start = sites.Values.Where(site => site.SuspectedAt <= at && (site.HomeAt is null || site.HomeAt == at))
            .OrderByDescending(site => site.LostAt is not null).ThenByDescending(site => site.SuspectedAt)
            .FirstOrDefault()?.SuspectedAt;
        return start is null ? "" : $"+{Span(start, at)}";
    }

    private static string At(JsonElement data, string end) =>
        data.Text(end) is { Length: > 0 } site ? $" at {site}" : "";

    private static string Ended(JsonElement data) =>
        data.Text("preempted") is { Length: > 0 } ended ? $"; ended to make room: {ended}" : "";

    private static string Reasons(JsonElement data)
    {
        if (data.Field("reasons") is not { ValueKind: JsonValueKind.Object } found) return "";
        var reasons = string.Join(", ", found.EnumerateObject().Select(reason => $"{reason.Name}: {reason.Value}"));
        return reasons.Length == 0 ? "" : $" ({reasons})";
    }

    private static string Span(DateTimeOffset? from, DateTimeOffset? to) => from is null || to is null
        ? "-"
        : string.Create(CultureInfo.InvariantCulture, $"{(to.Value - from.Value).TotalSeconds:0.0} s");
}

/// <summary>What happened to one site so far.</summary>
internal sealed class SiteStory
{
    public DateTimeOffset? SuspectedAt { get; set; }

    public DateTimeOffset? LostAt { get; set; }

    public DateTimeOffset? RecoveredAt { get; set; }

    public DateTimeOffset? TrustedAt { get; set; }

    public DateTimeOffset? HomeAt { get; set; }

    public int Moved { get; set; }

    public int Stayed { get; set; }

    /// <summary>Begins anew, unless it is in trouble still.</summary>
    public void Suspect(DateTimeOffset at)
    {
        if (SuspectedAt is not null && TrustedAt is null) return;
        (SuspectedAt, LostAt, RecoveredAt, TrustedAt, HomeAt) = (at, null, null, null, null);
        (Moved, Stayed) = (0, 0);
    }
}

/// <summary>What became of one plan so far.</summary>
internal sealed class PlanStory(JsonElement data)
{
    public string Kind { get; } = data.Text("kind");

    public IReadOnlyList<string> Sites { get; } = [.. data.Items("sites").Select(JsonFields.TextOf)];

    /// <summary>Where its moves lead.</summary>
    public IReadOnlyList<string> To { get; } =
        [.. data.Items("moving").SelectMany(item => item.Items("to")).Select(JsonFields.TextOf).Distinct()];

    public long Moves { get; } = data.Whole("moves");

    public int Stays { get; } = (int)data.Whole("stays");

    public int Done { get; set; }

    public int Undone { get; set; }

    public long TenthsTold { get; set; }
}
