using System.Data;
using Npgsql;

namespace ControlPlane.Server.Database;

/// <summary>
/// Tells whether what was thrown means that the database cannot be reached, or went away in the middle of an answer.
/// </summary>
internal static class DatabaseLost
{
    // Where a connection ends within a row, what reads the columns wraps that as if the row were at fault.
    public static bool Is(Exception failure) =>
        failure is NpgsqlException or TimeoutException
        || failure is DataException { InnerException: { } inner } && (Is(inner) || inner is IOException);
}
