using System.Text;
using Dapper;
using Npgsql;

namespace ControlPlane.Server.Tests.Database;

/// <summary>
/// Writes the schema of a database as SQL, from its catalogues, the same on every version of PostgreSQL.
/// </summary>
internal static class SchemaText
{
    private const string Tables = """
        select c.oid::bigint as Id, c.relname as Name, coalesce(array_to_string(c.reloptions, ', '), '') as Options
        from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' order by c.relname
        """;

    private const string Columns = """
        select format('%s %s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
               case when a.attnotnull then ' not null' else '' end,
               coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), ''))
               || case when a.attstorage <> t.typstorage then ' storage external' else '' end
        from pg_attribute a join pg_type t on t.oid = a.atttypid
        left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
        where a.attrelid = @Id::oid and a.attnum > 0 and not a.attisdropped order by a.attnum
        """;

    // Newer versions also list "not null" here, which the columns say already.
    private const string Constraints = """
        select format('constraint %s %s', conname, pg_get_constraintdef(oid))
        from pg_constraint where conrelid = @Id::oid and contype <> 'n' order by contype = 'p' desc, conname
        """;

    private const string Indexes = """
        select pg_get_indexdef(i.indexrelid) from pg_index i join pg_class c on c.oid = i.indexrelid
        where i.indrelid = @Id::oid and not exists (select 1 from pg_constraint where conindid = i.indexrelid and contype in ('p', 'u'))
        order by c.relname
        """;

    public static async Task<string> LoadAsync(NpgsqlConnection connection)
    {
        var text = new StringBuilder("-- The schema after all migrations; written by a test, not by hand.\n");
        foreach (var table in await connection.QueryAsync<Table>(Tables))
        {
            var lines = (await connection.QueryAsync<string>(Columns, new { table.Id }))
                .Concat(await connection.QueryAsync<string>(Constraints, new { table.Id }));
            var options = table.Options.Length == 0 ? "" : $" with ({table.Options})";
            text.Append($"\ncreate table {table.Name} (\n    {string.Join(",\n    ", lines)}\n){options};\n");
            foreach (var index in await connection.QueryAsync<string>(Indexes, new { table.Id }))
                text.Append(index.Replace("public.", "", StringComparison.Ordinal)).Append(";\n");
        }
        return text.ToString();
    }

    private sealed record Table(long Id, string Name, string Options);
}
