using System.Text.Json;
using ControlPlane.Cli.Terminal;

namespace ControlPlane.Cli.Placements;

/// <summary>
/// What became of one site: taken, possible, or kept out by the first thing that stands in its best pool's way.
/// </summary>
internal sealed record SiteVerdict(string Region, string Site, SiteStanding Standing, JsonElement Trial)
{
    private static readonly Seq<string> Stages = ["law", "health", "capability", "capacity", "preference"];

    /// <summary>One verdict for each site, in order of name.</summary>
    public static List<SiteVerdict> Of(JsonElement answer) => [.. answer.Items("explanation.trials")
        .GroupBy(trial => trial.Text("site"), StringComparer.Ordinal)
        .OrderBy(group => group.Key, StringComparer.Ordinal)
        .Select(group => Of([.. group]))];

    /// <summary>The first verdict that keeps the workload out.</summary>
    public JsonElement Denial => FirstDenial(Trial);

    /// <summary>Changes that would let the workload in here, if nothing but room and capability is missing.</summary>
    public string Relaxations
    {
        get
        {
            var denials = Trial.Items("verdicts").Where(IsDenied).ToList();
            if (denials.Count == 0 || denials.Exists(denial => !denial.Has("relaxation"))) return "";
            return string.Join(
                " and ",
                denials.Select(denial => ChangeText.Of(denial.Field("relaxation"))).Distinct(StringComparer.Ordinal));
        }
    }

    private static SiteVerdict Of(List<JsonElement> trials)
    {
        // The pool that came furthest speaks for its site.
        var best = trials.MaxBy(Progress);
        var standing = Progress(best) switch
        {
            int.MaxValue => SiteStanding.Chosen,
            int.MaxValue - 1 => SiteStanding.Allowed,
            _ => SiteStanding.Denied,
        };
        return new SiteVerdict(best.Text("region"), best.Text("site"), standing, best);
    }

    private static int Progress(JsonElement trial) => trial.Text("outcome") switch
    {
        "chosen" => int.MaxValue,
        "allowed" => int.MaxValue - 1,
        _ => Stage(FirstDenial(trial)),
    };

    private static int Stage(JsonElement denial)
    {
        var reason = denial.Text("reason");
        for (var stage = 0; stage < Stages.Count; stage++)
        {
            if (reason.StartsWith(Stages[stage] + ".", StringComparison.Ordinal)) return stage;
        }

        return Stages.Count;
    }

    private static JsonElement FirstDenial(JsonElement trial) => trial.Items("verdicts").FirstOrDefault(IsDenied);

    private static bool IsDenied(JsonElement verdict) => verdict.Text("result") == "denied";
}

/// <summary>Whether a site was taken.</summary>
internal enum SiteStanding
{
    Chosen,
    Allowed,
    Denied,
}
