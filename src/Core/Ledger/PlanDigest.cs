using System.Security.Cryptography;
using ControlPlane.Failover;

namespace ControlPlane.Ledger;

/// <summary>
/// Names what a plan does: two plans that lead everything the same way have the same digest, whenever they were made.
/// </summary>
public static class PlanDigest
{
    public static string Of(MovePlan plan)
    {
        var writer = new CanonicalWriter();
        FailoverCodec.Write(writer, plan with { Id = Guid.Empty, Parent = 0, Because = null });
        return Convert.ToHexStringLower(SHA256.HashData(writer.Written));
    }
}
