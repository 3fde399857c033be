using System.Collections.Immutable;

namespace ControlPlane.Ledger;

/// <summary>The canonical form of grants, and of what they add up to.</summary>
internal static class GrantCodec
{
    public static void Write(CanonicalWriter writer, AgentGrant grant)
    {
        writer.Id(new DecisionId(grant.Id.Value));
        foreach (var text in (string[])[grant.Agent, grant.OnBehalfOf, grant.VouchedBy]) writer.Text(text);
        writer.List(grant.Scopes, writer.Text);
        writer.List(grant.Tenants, writer.Text);
        writer.Flag(grant.Jurisdictions is not null);
        if (grant.Jurisdictions is { } confined) writer.List(confined, id => writer.Text(id.Value));
        writer.Instant(grant.From);
        writer.Instant(grant.Until);
        var budget = grant.Budget;
        foreach (var bound in (int[])[budget.Accelerators, budget.Moves, budget.Sites, budget.Regions])
            writer.Number(bound);
        writer.Number(budget.Window.Ticks);
    }

    public static AgentGrant Read(CanonicalReader reader) => new()
    {
        Id = new GrantId(reader.Id().Value),
        Agent = reader.Text(),
        OnBehalfOf = reader.Text(),
        VouchedBy = reader.Text(),
        Scopes = reader.List(reader.Text),
        Tenants = reader.List(reader.Text),
        Jurisdictions = reader.Flag() ? reader.List(() => new JurisdictionId(reader.Text())) : null,
        From = reader.Instant(),
        Until = reader.Instant(),
        Budget = new AgentBudget(reader.Int(), reader.Int(), reader.Int(), reader.Int(), ReadWindow(reader)),
    };

    public static void Write(CanonicalWriter writer, GrantBook book)
    {
        writer.List(book.Grants.Values.ToSeq(), state => Write(writer, state));
        writer.List(book.Shares.ToSeq(), share =>
        {
            writer.Id(share.Key);
            writer.Id(new DecisionId(share.Value.Grant.Value));
            writer.Number(share.Value.AcceleratorMilli);
        });
        Write(writer, book.Halt);
    }

    public static GrantBook ReadBook(CanonicalReader reader) => new()
    {
        Grants = reader.List(() => ReadState(reader))
            .ToImmutableSortedDictionary(state => state.Grant.Id, state => state),
        Shares = reader.List(() => (
                Placement: reader.Id(), Share: new GrantShare(new GrantId(reader.Id().Value), reader.Number())))
            .ToImmutableSortedDictionary(item => item.Placement, item => item.Share),
        Halt = ReadEnd(reader),
    };

    private static void Write(CanonicalWriter writer, GrantState state)
    {
        Write(writer, state.Grant);
        writer.Number(state.AcceleratorMilli);
        writer.Instant(state.WindowFrom);
        writer.Number(state.Moves);
        writer.List(state.Sites, id => writer.Text(id.Value));
        writer.List(state.Regions, id => writer.Text(id.Value));
        Write(writer, state.End);
    }

    private static GrantState ReadState(CanonicalReader reader) => new(Read(reader))
    {
        AcceleratorMilli = reader.Number(),
        WindowFrom = reader.Instant(),
        Moves = reader.Int(),
        Sites = reader.List(() => new SiteId(reader.Text())),
        Regions = reader.List(() => new RegionId(reader.Text())),
        End = ReadEnd(reader),
    };

    private static void Write(CanonicalWriter writer, GrantEnd? end)
    {
        writer.Flag(end is not null);
        if (end is null) return;
        writer.Instant(end.At);
        writer.Text(end.Because);
        writer.Text(end.By);
    }

    private static GrantEnd? ReadEnd(CanonicalReader reader) =>
        reader.Flag() ? new GrantEnd(reader.Instant(), reader.Text(), reader.Text()) : null;

    private static TimeSpan ReadWindow(CanonicalReader reader) => reader.Number() is > 0 and var ticks
        ? TimeSpan.FromTicks(ticks)
        : throw reader.Broken("a window has no length");
}
