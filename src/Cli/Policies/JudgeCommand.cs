using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ControlPlane.Cli.Files;
using ControlPlane.Cli.Terminal;
using ControlPlane.Files;
using ControlPlane.Policies;
using ControlPlane.Reviews;

namespace ControlPlane.Cli.Policies;

/// <summary>Says what the policies of a folder or revision say about workloads of a file, place by place.</summary>
internal static class JudgeCommand
{
    private static readonly Seq<string> Columns =
        ["question", "pool", "lawful", "result", "rule", "reason", "because"];

    public static Command Build(GlobalOptions global)
    {
        var file = new Argument<string>("FILE")
        {
            Description = "Workloads, as 'questions' of a YAML or JSON file; - reads standard input",
        };
        var from = new Option<string>("--from")
        {
            Description = "Folder or revision of git that holds regions and policies; . when left out",
            HelpName = "FROM",
            DefaultValueFactory = _ => ".",
        };
        var asOf = new Option<DateTimeOffset?>("--as-of")
        {
            Description = "Day to judge by, such as 2026-01-31; today when left out",
            HelpName = "DATE",
            CustomParser = result => UpcomingCommand.ParseDate(result),
        };
        var command = new Command(
            "judge", "Say what the policies say about workloads, place by place; ends with 1 when one has no place")
        {
            file, from, asOf,
        };
        global.Let(command, async (run, cancellation) =>
        {
            var name = run.Get(from)!;
            var tree = Directory.Exists(name) ? ReviewTree.Read(name) : await GitTree.ReadAsync(name, cancellation);
            return Judge(run, tree, (run.Get(file)!, run.Get(asOf) ?? TimeProvider.System.GetUtcNow()));
        });
        return command;
    }

    private static int Judge(CommandRun run, ReviewTree tree, (string File, DateTimeOffset AsOf) asked)
    {
        var read = YamlBinder.Bind<WorkloadQuestions>(InputFile.Read(asked.File));
        if (!read.IsValid) throw new CommandFailure(read.Problems);
        var unknown = read.Value.Questions.SelectMany(item => item.At).Except(NamesOf(tree), StringComparer.Ordinal);
        if (unknown.FirstOrDefault() is { } stranger)
            throw CommandFailure.Input("not-found", $"'{stranger}' is no declared region, site, cluster or node pool"
                + NearestName.Hint(stranger, NamesOf(tree)));
        var law = new Law(tree.Fleet, tree.Policies);
        var today = DateOnly.FromDateTime(asked.AsOf.UtcDateTime);
        var judged = read.Value.Questions.Select(question => question.Judge(law, today)).ToList();
        Print(run, judged);
        return judged.TrueForAll(places => places.Any(place => place.IsLawful)) ? ExitCode.Ok : ExitCode.No;
    }

    private static HashSet<string> NamesOf(ReviewTree tree) => tree.Fleet.Pools
        .SelectMany(pool => new[] { pool.Id.Value, pool.Cluster.Id.Value, pool.Site.Id.Value, pool.Region.Id.Value })
        .ToHashSet(StringComparer.Ordinal);

    private static void Print(CommandRun run, List<Seq<JudgedPlace>> judged)
    {
        switch (run.Format)
        {
            case OutputFormat.Json or OutputFormat.Yaml:
                run.Screen.Out.WriteLine(DataText.Of(run.Format, Data(judged)));
                break;
            case OutputFormat.Csv:
                run.Screen.Line(DataText.Csv(Columns));
                foreach (var row in Rows(judged)) run.Screen.Line(DataText.Csv(row));
                break;
            case OutputFormat.Name:
                foreach (var place in judged.SelectMany(places => places).Where(place => place.IsLawful))
                    run.Screen.Line($"nodePools/{place.Pool.Id}");
                break;
            default:
                foreach (var line in Lines(judged)) run.Screen.Line(line);
                break;
        }
    }

    private static IEnumerable<string> Lines(List<Seq<JudgedPlace>> judged)
    {
        for (var index = 0; index < judged.Count; index++)
        {
            yield return $"{judged[index].Count(place => place.IsLawful)} of {judged[index].Count} places are lawful"
                + (judged.Count > 1 ? $" for workload {index + 1}" : "");
            foreach (var place in judged[index])
            {
                yield return $"  {(place.IsLawful ? "yes" : "no ")}  {place.Pool.Id}";
                foreach (var verdict in place.Verdicts.Where(verdict => verdict.Result != VerdictResult.Allowed))
                    yield return $"         {NameOf(verdict.Result)} by {verdict.Rule}: {verdict.Because}";
            }
        }
    }

    private static IEnumerable<IEnumerable<string>> Rows(List<Seq<JudgedPlace>> judged)
    {
        for (var index = 0; index < judged.Count; index++)
        {
            var question = (index + 1).ToString(CultureInfo.InvariantCulture);
            foreach (var place in judged[index])
            {
                foreach (var verdict in place.Verdicts)
                {
                    yield return
                    [
                        question, place.Pool.Id.Value, place.IsLawful ? "true" : "false", NameOf(verdict.Result),
                        verdict.Rule, verdict.Reason, verdict.Because,
                    ];
                }
            }
        }
    }

    private static JsonElement Data(List<Seq<JudgedPlace>> judged) => JsonSerializer.SerializeToElement(new
    {
        questions = judged.Select(places => new
        {
            places = places.Select(place => new
            {
                pool = place.Pool.Id.Value,
                lawful = place.IsLawful,
                verdicts = place.Verdicts.Select(verdict => new
                {
                    rule = verdict.Rule,
                    reason = verdict.Reason,
                    result = NameOf(verdict.Result),
                    because = verdict.Because,
                }),
            }),
        }),
    });

    private static string NameOf(VerdictResult result) => result.ToString().ToLowerInvariant();
}
