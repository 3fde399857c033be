using System.Globalization;
using System.Security.Cryptography;

namespace ControlPlane.Server.Database;

/// <summary>Is one numbered step of the schema; once released it is never edited.</summary>
internal sealed record Migration(int Number, string Name, string Sql)
{
    private const string Folder = "ControlPlane.Server.Database.Migrations.";

    /// <summary>What tells an edited step from the one that was applied.</summary>
    public string Sha256 => Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(Sql)));

    /// <summary>The steps this program was built with, in order, numbered from 1 without a gap.</summary>
    public static Seq<Migration> BuiltIn()
    {
        var assembly = typeof(Migration).Assembly;
        return assembly.GetManifestResourceNames()
            .Where(resource => resource.StartsWith(Folder, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(resource =>
            {
                using var stream = assembly.GetManifestResourceStream(resource)!; // listed by the assembly itself
                using var reader = new StreamReader(stream);
                return From(resource[Folder.Length..], reader.ReadToEnd());
            })
            .ToSeq();
    }

    /// <summary>From a file name such as <c>0001-ledger.sql</c>.</summary>
    private static Migration From(string file, string sql)
    {
        var name = Path.GetFileNameWithoutExtension(file);
        var number = int.Parse(name.AsSpan(0, 4), NumberStyles.None, CultureInfo.InvariantCulture);
        return new Migration(number, name[5..], sql.ReplaceLineEndings("\n"));
    }
}
