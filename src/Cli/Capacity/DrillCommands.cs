using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ControlPlane.Cli.Client;
using ControlPlane.Cli.Files;
using ControlPlane.Cli.Terminal;

namespace ControlPlane.Cli.Capacity;

/// <summary>
/// Plays a loss through on what runs now; exit code 1 when a promise would be broken, and 1 when drills are stale.
/// </summary>
internal static class DrillCommands
{
    private static readonly Seq<string> Rates = ["fence", "start", "restore", "at-once"];

    private static readonly Listing Moves = new("moves", "", "order",
    [
        Column.Number("order", "order"), Column.Of("workload", "workload"), Column.Of("tenant", "tenant"),
        Column.Number("priority", "priority"), Column.Of("outcome", "outcome"),
        new Column("units", item => $"{item.Text("recovered")}/{item.Text("displaced")}") { IsNumber = true },
        LossColumns.To,
        Column.Number("starts_s", "startsAfterSeconds"), Column.Number("back_s", "recoversAfterSeconds"),
        Column.Number("promised_s", "promisedWithinSeconds"),
        LossColumns.Data,
        Column.Of("from", "from").Wide(),
        new Column("why", item => item.Flag("waitsForPerson") ? "sticky: once somebody declares the site dead"
            : item.Flag("goesAlong") ? "goes along with what it is bound to"
            : item.Text("because")),
    ]);

    private static readonly Listing Status = new("drills", "v1/drills", "scenario",
    [
        Column.Of("scenario", "scenario"), Column.Of("ranAt", "ranAt"),
        new Column("broken", item => item.Has("broken") ? (item.Flag("broken") ? "yes" : "no") : ""),
        new Column("stale", item => item.Flag("isStale") ? "STALE" : ""), Column.Of("id", "id").Wide(),
    ]);

    public static Command Build(GlobalOptions global)
    {
        var command = new Command("drill", "Play a loss through on what runs now; nothing changes");
        foreach (var (kind, form, noun) in ((string, string, string)[])
            [("region", "region-lost", "REGION"), ("site", "site-lost", "SITE"), ("provider", "provider-leaves",
                "PROVIDER")])
            command.Add(Play(global, kind, form, noun));
        command.Add(List(global));
        command.Add(Show(global));
        command.Add(Verify(global));
        return command;
    }

    private static Command Play(GlobalOptions global, string kind, string form, string noun)
    {
        var subject = new Argument<string>(noun) { Description = $"The {kind} that is lost" };
        var assume = new Option<string[]>("--assume")
        {
            Description = "Stated rates: fence=SECONDS, start=SECONDS, restore=MIB_PER_SECOND, "
                + "at-once=MOVES_PER_REGION",
            HelpName = "RATE=N",
            AllowMultipleArgumentsPerToken = true,
        };
        var command = new Command(kind, $"Play through that a {kind} is lost") { subject, assume };
        global.Let(command, async (run, cancellation) =>
        {
            var body = new Dictionary<string, object> { ["scenario"] = $"{form} {run.Get(subject)}" };
            foreach (var rate in run.Get(assume) ?? []) Add(body, rate);
            var change = new Change(HttpMethod.Post, "v1/drills", JsonSerializer.Serialize(body), IdempotencyKey: null);
            var answer = await run.Server.SendAsync(change, cancellation);
            if (answer.Problem is { } problem) throw problem.Failure();
            Print(run, answer.Body);
            return answer.Body.Flag("drill.broken") ? ExitCode.No : ExitCode.Ok;
        });
        return command;
    }

    private static void Add(Dictionary<string, object> body, string rate)
    {
        var parts = rate.Split('=');
        if (parts.Length != 2 || !Rates.Contains(parts[0])
            || !long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var amount))
            throw CommandFailure.Usage($"--assume {rate} must be one of {string.Join(", ", Rates)} with =N");
        body[parts[0] switch
        {
            "fence" => "fenceSeconds",
            "start" => "startSeconds",
            "restore" => "restoreMibPerSecond",
            _ => "movesAtOnce",
        }] = amount;
    }

    private static Command List(GlobalOptions global)
    {
        var age = new Option<int>("--max-age-days")
        {
            Description = "Days after which a drill is stale", DefaultValueFactory = _ => 90,
        };
        var command = new Command("list", "List when every loss was last played through; ends with 1 when any is stale")
        {
            age,
        };
        global.Let(command, async (run, cancellation) =>
        {
            var answer = await run.Server.GetAsync($"v1/drills?max_age_days={run.Get(age)}", cancellation);
            var drills = answer.Items("drills").ToList();
            Status.Print(run.Screen, run.Format, drills);
            return drills.Exists(drill => drill.Flag("isStale")) ? ExitCode.No : ExitCode.Ok;
        });
        return command;
    }

    private static Command Show(GlobalOptions global)
    {
        var id = new Argument<string>("ID") { Description = "Id of a drill" };
        var command = new Command("show", "Show the signed record of a drill") { id };
        global.Let(command, async (run, cancellation) =>
        {
            Print(run, await run.Server.GetAsync($"v1/drills/{Uri.EscapeDataString(run.Get(id)!)}", cancellation));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Verify(GlobalOptions global)
    {
        var file = new Argument<string>("FILE.json") { Description = "A record as drill show -o json prints it" };
        var command = new Command("verify", "Check the signature of a record; no server is asked") { file };
        global.Let(command, (run, _) =>
        {
            var record = JsonElement.Parse(InputFile.Read(run.Get(file)!).Text);
            using var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(Convert.FromBase64String(record.Text("publicKey")), out int _);
            var good = key.VerifyData(
                Encoding.UTF8.GetBytes(record.Text("signed")), Convert.FromBase64String(record.Text("signature")),
                HashAlgorithmName.SHA256);
            var same = good && JsonElement.DeepEquals(JsonElement.Parse(record.Text("signed")), record.Field("drill"));
            run.Screen.Line(same
                ? $"signed by {record.Text("keyId")}, unchanged"
                : good ? "the drill beside the signed text is another one" : "the signature does not fit the text");
            return Task.FromResult(same ? ExitCode.Ok : ExitCode.No);
        });
        return command;
    }

    private static void Print(CommandRun run, JsonElement record)
    {
        if (DataText.Print(run.Screen, run.Format, record)) return;

        var drill = record.Field("drill");
        var moves = drill.Items("moves").ToList();
        if (run.Format is OutputFormat.Csv or OutputFormat.Name)
        {
            Moves.Print(run.Screen, run.Format, moves);
            return;
        }

        DrillText.Print(run.Screen, drill, moves);
        Moves.Print(run.Screen, run.Format, moves);
        Screen.Note($"no change was made; record {drill.Text("id")}, signed by {record.Text("keyId")}");
    }
}
