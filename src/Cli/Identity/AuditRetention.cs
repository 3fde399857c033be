using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ControlPlane.Cli.Terminal;

namespace ControlPlane.Cli.Identity;

/// <summary>Shows how long records are kept whole, what of them was let go and what is due.</summary>
internal static class AuditRetention
{
    public static Command Build(GlobalOptions global)
    {
        var command = new Command("retention", "Show how long records are kept, what was let go, and what is due");
        global.Let(command, async (run, cancellation) =>
        {
            var told = await run.Server.GetAsync("v1/audit/retention", cancellation);
            if (run.Format is OutputFormat.Json or OutputFormat.Yaml)
                run.Screen.Out.WriteLine(DataText.Of(run.Format, told));
            else foreach (var line in Lines(told)) run.Screen.Line(line);
            return ExitCode.Ok;
        });
        return command;
    }

    private static IEnumerable<string> Lines(JsonElement told)
    {
        yield return told.TryGetProperty("days", out var days)
            ? Inv($"keeps   {days} days, {told.Whole("leastDays")} at least; {told.Whole("held")} names for ever")
            : "keeps   everything for ever";
        yield return Inv($"whole   {told.Whole("whole")} records");
        yield return Inv($"let go  {told.Whole("retired")} records, of which the hashes are kept");
        if (told.TryGetProperty("last", out var last))
        {
            yield return Inv($"        up to {last.Whole("upTo")}, from before {last.Text("before")}, as record ")
                + Inv($"{last.Whole("recordedAt")} says{(last.GetProperty("done").GetBoolean() ? "" : "; under way")}");
            yield return $"        goes on from the state {last.Text("stateDigest")}";
        }

        yield return told.TryGetProperty("next", out var next)
            ? Inv($"due     {next.Whole("after") + 1} to {next.Whole("upTo")}, from before {next.Text("before")}, ")
                + "less what is still needed"
            : "due     nothing";
    }

    private static string Inv(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
