using System.Globalization;
using System.Security.Cryptography;
using ControlPlane.Failover;

namespace ControlPlane.SiteAgent.Failover;

/// <summary>
/// Makes up sessions whose numbers only grow, also over restarts and also when the wall clock was set back, by keeping
/// the last one in a file. Where the file was lost the wall clock gives a number that is likely to be greater.
/// </summary>
internal sealed class SessionNumbers(SiteFolder folder, TimeProvider clock)
{
    private long last;

    public AgentSession Next()
    {
        var kept = long.TryParse(
            folder.ReadText(SiteFolder.Session), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : 0;
        last = Math.Max(Math.Max(kept, last) + 1, clock.GetUtcNow().ToUnixTimeMilliseconds());
        folder.WriteText(SiteFolder.Session, last.ToString(CultureInfo.InvariantCulture));
        return new(last, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)));
    }
}
