using System.CommandLine;
using ControlPlane.Cli.Client;
using ControlPlane.Cli.Placements;
using ControlPlane.Cli.Terminal;

namespace ControlPlane.Cli.Capacity;

/// <summary>Reserves accelerators for windows of time, shows what is reserved and gives it up.</summary>
internal static class ReserveCommands
{
    private static readonly Listing Reservations = new("reservations", "v1/reservations", "id",
    [
        Column.Of("id", "id"), Column.Of("tenant", "tenant"), Column.Of("name", "name"), Column.Of("region", "region"),
        Column.Of("sku", "sku"), Column.Number("accelerators", "accelerators"), Column.Of("from", "from"),
        Column.Of("until", "until"), Column.Of("repeat", "repeat"), Column.Of("repeatUntil", "repeatUntil").Wide(),
        new Column("lendable", item => item.Flag("lendable") ? $"yes, back in {item.Text("recallSeconds")} s" : "no"),
    ]);

    public static Command Build(GlobalOptions global) =>
        new("reserve", "Accelerators that are reserved for windows of time") { Make(global), List(global),
            End(global) };

    private static Command Make(GlobalOptions global)
    {
        var file = new Option<string>("--file", "-f")
        {
            Description = "Reservation: tenant, name, region, sku, accelerators, from, until, repeat, repeatUntil, "
                + "lendable, recallSeconds",
            HelpName = "RESERVATION.yaml",
            Required = true,
        };
        var command = new Command("make", "Reserve accelerators; the same name and content again changes "
            + "nothing") { file };
        global.Let(command, async (run, cancellation) =>
        {
            var body = RequestBody.Read(run.Get(file)!);
            var json = body.Json(explain: false, holdSeconds: null);
            var answer = await run.Server.SendAsync(
                new Change(HttpMethod.Post, "v1/reservations", json, IdempotencyKey: null), cancellation);
            if (answer.Problem is { } problem) throw body.Locate(problem);
            Reservations.PrintOne(run.Screen, run.Format, answer.Body);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command List(GlobalOptions global)
    {
        var command = new Command("list", "List every reservation");
        global.Let(command, async (run, cancellation) =>
        {
            var answer = await run.Server.GetAsync("v1/reservations", cancellation);
            Reservations.Print(run.Screen, run.Format, answer.Items("reservations"));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command End(GlobalOptions global)
    {
        var id = new Argument<string>("ID") { Description = "Id of a reservation" };
        var command = new Command("end", "Give a reservation up") { id };
        global.Let(command, async (run, cancellation) =>
        {
            var path = $"v1/reservations/{Uri.EscapeDataString(run.Get(id)!)}";
            var answer = await run.Server.SendAsync(
                new Change(HttpMethod.Delete, path, null, IdempotencyKey: null), cancellation);
            if (answer.Problem is { } problem) throw problem.Failure();
            run.Screen.Line($"reservations/{run.Get(id)} given up");
            return ExitCode.Ok;
        });
        return command;
    }
}
