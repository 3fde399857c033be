using System.Text.Json;
using ControlPlane.Failover;
using ControlPlane.Server.Database;
using Dapper;
using Npgsql;

namespace ControlPlane.Server.Failover;

/// <summary>Keeps the leases and reports of sites, and the keys and join tokens of their agents.</summary>
internal sealed class SiteStore(PostgresDatabase database)
{
    private const string LeaseColumns = """
        lease.site as Site, lease.session_number as SessionNumber, lease.session_nonce as SessionNonce,
            lease.is_over as IsOver, lease.opened_at as OpenedAt, lease.renewals as Renewals, lease.is_guarded as IsGuarded
        """;

    /// <summary>The number of the database's timeline; it changes when a standby takes over.</summary>
    private const string Timeline =
        "('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::bigint";

    /// <summary>Adds the end of a session to the transaction that records its site as lost.</summary>
    public static void End(Statements statements, SiteId site, long renewals) =>
        statements.Add("select end_site_session($1, $2)", site.Value, renewals);

    /// <summary>Ends the session of a site whatever came in, for a site that is stated to be dead.</summary>
    public static void End(Statements statements, SiteId site) =>
        statements.Add("update site_lease set is_over = true where site = $1", site.Value);

    /// <summary>
    /// Renews a lease or opens a session, durably, before it is answered. Renewals and the end of a session wait for
    /// each other at the row.
    /// </summary>
    public async Task<Renewal> RenewAsync(SiteId site, RenewRequest request, CancellationToken cancellation)
    {
        const string Take = $"""
            insert into site_lease (site, renewed_at) values (@site, now()) on conflict (site) do nothing;
            select {LeaseColumns} from site_lease lease where site = @site for update
            """;
        const string Head = $"select position, {Timeline} from ledger_head";
        const string Write = """
            update site_lease set session_number = @number, session_nonce = @nonce, is_over = @isOver,
                opened_at = @openedAt, renewals = @renewals, is_guarded = @isGuarded, renewed_at = now()
            where site = @site
            """;
        await using var connection = await database.OpenWriteAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        // Not as several results of one query: when a connection breaks, reading on hides that it did.
        var row = await connection.QuerySingleAsync<LeaseRow>(Take, new { site = site.Value }, transaction);
        var known = row.ToLease();
        var (head, timeline) = await connection.QuerySingleAsync<(long, long)>(Head, transaction: transaction);
        var (lease, refusal) = known.Renew(request, head);
        if (refusal is null)
        {
            await connection.ExecuteAsync(
                Write,
                new
                {
                    number = lease.Session!.Number, nonce = lease.Session.Nonce, // a lease that was renewed has one
                    isOver = lease.IsOver, openedAt = lease.OpenedAt, renewals = lease.Renewals,
                    isGuarded = lease.IsGuarded, site = site.Value,
                },
                transaction);
        }

        // Once it is sent, how it ends is waited for: a renewal that is answered is there.
        await transaction.CommitAsync(CancellationToken.None);
        return new Renewal(lease, refusal, timeline);
    }

    public async Task<SiteLease?> FindLeaseAsync(SiteId site, CancellationToken cancellation)
    {
        const string Find = $"select {LeaseColumns} from site_lease lease where site = @site";
        await using var connection = await database.OpenReadAsync(cancellation);
        var row = await connection.QuerySingleOrDefaultAsync<LeaseRow>(
            new CommandDefinition(Find, new { site = site.Value }, cancellationToken: cancellation));
        return row?.ToLease();
    }

    /// <summary>Keeps a report of the site's newest session, unless a later one is there.</summary>
    /// <returns>False when the session is not the site's.</returns>
    public async Task<bool> ReportAsync(SiteId site, AgentReport report, CancellationToken cancellation)
    {
        const string Keep = """
            insert into site_report as kept (site, session_number, session_nonce, sequence, received_at, body)
            select @site, @number, @nonce, @sequence, now(), @body
            from site_lease lease
            where lease.site = @site and lease.session_number = @number and lease.session_nonce = @nonce
                and not lease.is_over
            on conflict (site) do update set session_number = excluded.session_number,
                session_nonce = excluded.session_nonce, sequence = excluded.sequence,
                received_at = excluded.received_at, body = excluded.body
            where kept.session_number <> excluded.session_number or kept.session_nonce <> excluded.session_nonce
                or kept.sequence < excluded.sequence
            """;
        const string IsCurrent = """
            select exists (select from site_lease where site = @site and session_number = @number
                and session_nonce = @nonce and not is_over)
            """;
        // What was started without a guard is gone once a session that guards shows nothing exclusive.
        const string Trust = """
            update site_lease set is_guarded = true
            where site = @site and session_number = @number and session_nonce = @nonce and not is_over
                and not is_guarded
            """;
        var values = new
        {
            site = site.Value, number = report.Session.Number, nonce = report.Session.Nonce,
            sequence = report.Sequence, body = JsonSerializer.SerializeToUtf8Bytes(report, AgentJson.Options),
        };
        await using var connection = await database.OpenReadAsync(cancellation);
        if (report.ShowsGuard())
            await connection.ExecuteAsync(new CommandDefinition(Trust, values, cancellationToken: cancellation));
        if (await connection.ExecuteAsync(new CommandDefinition(Keep, values, cancellationToken: cancellation)) > 0)
            return true;
        return await connection.ExecuteScalarAsync<bool>(
            new CommandDefinition(IsCurrent, values, cancellationToken: cancellation));
    }

    /// <summary>Every lease with the newest report of its newest session, and the timeline.</summary>
    public async Task<SiteRows> ReadAsync(CancellationToken cancellation)
    {
        const string Read = $"""
            select {LeaseColumns}, report.body as Report,
                extract(epoch from clock_timestamp() - report.received_at) * 1000 as ReportAgeMilliseconds
            from site_lease lease
            left join site_report report on report.site = lease.site
                and report.session_number = lease.session_number and report.session_nonce = lease.session_nonce
            order by lease.site
            """;
        await using var connection = await database.OpenReadAsync(cancellation);
        var rows = new List<SiteRow>();
        // By hand: reports are long, and the loop that decides must not wait for their ends column by column.
        await using (var command = new NpgsqlCommand(Read, connection))
        await using (var reader = await command.ExecuteReaderAsync(cancellation))
        {
            while (await reader.ReadAsync(cancellation)) rows.Add(Of(reader));
        }

        var timeline = await connection.QuerySingleAsync<long>(
            new CommandDefinition($"select {Timeline}", cancellationToken: cancellation));
        return new SiteRows(rows.ToSeq(), timeline) { Signals = await SignalsAsync(connection, cancellation) };
    }

    /// <summary>Keeps what the provider of a site says about its health; a later word replaces it.</summary>
    public async Task SayAsync(HealthSignal signal, CancellationToken cancellation)
    {
        const string Say = """
            insert into site_signal (site, healthy, confidence_percent, detail, received_at)
            values (@site, @healthy, @confidence, @detail, now())
            on conflict (site) do update set healthy = excluded.healthy,
                confidence_percent = excluded.confidence_percent, detail = excluded.detail,
                received_at = excluded.received_at
            """;
        var values = new
        {
            site = signal.Site.Value, healthy = signal.Healthy, confidence = signal.ConfidencePercent,
            detail = signal.Detail ?? "",
        };
        await using var connection = await database.OpenWriteAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(Say, values, cancellationToken: cancellation));
    }

    private static async Task<Seq<HealthSignal>> SignalsAsync(
        NpgsqlConnection connection, CancellationToken cancellation)
    {
        const string Read = """
            select site, healthy, confidence_percent, detail,
                (extract(epoch from clock_timestamp() - received_at) * 1000)::bigint
            from site_signal order by site
            """;
        var rows = await connection.QueryAsync<(string Site, bool Healthy, int Percent, string Detail, long Age)>(
            new CommandDefinition(Read, cancellationToken: cancellation));
        return rows.Select(row => new HealthSignal
        {
            Site = new SiteId(row.Site), Source = SignalSource.Provider, Healthy = row.Healthy,
            ConfidencePercent = row.Percent, AgeMilliseconds = row.Age, Detail = row.Detail,
        }).ToSeq();
    }

    /// <summary>The key that an agent of the site enrolled with.</summary>
    public async Task<string?> FindKeyAsync(SiteId site, CancellationToken cancellation)
    {
        await using var connection = await database.OpenReadAsync(cancellation);
        return await connection.ExecuteScalarAsync<string?>(new CommandDefinition(
            "select public_key from site_agent where site = @site", new { site = site.Value },
            cancellationToken: cancellation));
    }

    public async Task AddTokenAsync(
        SiteId site, byte[] digest, TimeSpan lifetime, CancellationToken cancellation)
    {
        const string Add = """
            delete from join_token where expires_at < now();
            insert into join_token (digest, site, expires_at) values (@digest, @site, now() + @lifetime)
            """;
        await using var connection = await database.OpenWriteAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            Add, new { digest, site = site.Value, lifetime }, cancellationToken: cancellation));
    }

    /// <summary>Uses a join token up and makes the key the site's; false when the token does not count.</summary>
    public async Task<bool> JoinAsync(
        SiteId site, byte[]? digest, string publicKey, CancellationToken cancellation)
    {
        const string Use = "delete from join_token where digest = @digest and site = @site and expires_at > now()";
        await using var connection = await database.OpenWriteAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        if (digest is not null
            && await connection.ExecuteAsync(Use, new { digest, site = site.Value }, transaction) == 0) return false;
        await connection.ExecuteAsync(
            """
            insert into site_agent (site, public_key, enrolled_at) values (@site, @publicKey, now())
            on conflict (site) do update set public_key = excluded.public_key, enrolled_at = excluded.enrolled_at
            """,
            new { site = site.Value, publicKey }, transaction);
        await transaction.CommitAsync(CancellationToken.None);
        return true;
    }

    private static SiteRow Of(NpgsqlDataReader row)
    {
        var lease = new LeaseRow
        {
            Site = row.GetString(0),
            SessionNumber = row.IsDBNull(1) ? null : row.GetInt64(1),
            SessionNonce = row.IsDBNull(2) ? null : row.GetString(2),
            IsOver = row.GetBoolean(3),
            OpenedAt = row.GetInt64(4),
            Renewals = row.GetInt64(5),
            IsGuarded = row.GetBoolean(6),
        };
        return row.IsDBNull(7)
            ? new(lease.ToLease(), null, TimeSpan.Zero)
            : new(
                lease.ToLease(),
                JsonSerializer.Deserialize<AgentReport>(row.GetFieldValue<byte[]>(7), AgentJson.Options),
                TimeSpan.FromMilliseconds((double)row.GetDecimal(8)));
    }

    private sealed record LeaseRow
    {
        public required string Site { get; init; }
        public long? SessionNumber { get; init; }
        public string? SessionNonce { get; init; }
        public bool IsOver { get; init; }
        public long OpenedAt { get; init; }
        public long Renewals { get; init; }
        public bool IsGuarded { get; init; }

        public SiteLease ToLease() => new()
        {
            Site = new SiteId(Site),
            Session = SessionNumber is { } number ? new AgentSession(number, SessionNonce!) : null, // both or none
            IsOver = IsOver,
            OpenedAt = OpenedAt,
            Renewals = Renewals,
            IsGuarded = IsGuarded,
        };
    }
}

/// <summary>What became of a renewal.</summary>
internal sealed record Renewal(SiteLease Lease, RenewRefusal? Refusal, long Timeline);

/// <summary>What the database has of one site.</summary>
internal sealed record SiteRow(SiteLease Lease, AgentReport? Report, TimeSpan ReportAge);

/// <summary>What the database has of all sites, and its timeline.</summary>
internal sealed record SiteRows(Seq<SiteRow> Sites, long Timeline)
{
    /// <summary>What was said about sites by somebody else than an agent.</summary>
    public Seq<HealthSignal> Signals { get; init; } = [];
}
