using System.Globalization;

namespace ControlPlane.SiteAgent.Hosting;

/// <summary>Writes what happened, one line an event, for the journal of the machine.</summary>
internal sealed class AgentLog(TextWriter writer, TimeProvider clock)
{
    private readonly Lock gate = new();

    public void Happened(SiteId site, string what)
    {
        var line = string.Create(
            CultureInfo.InvariantCulture, $"{clock.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ} {site.Value} {Plain(what)}");
        lock (gate)
        {
            writer.WriteLine(line);
            writer.Flush();
        }
    }

    // Words of others must not make up lines of their own.
    private static string Plain(string text) =>
        string.Concat(text.Length > 500 ? text[..500] : text).ReplaceLineEndings(" ");
}
