using ControlPlane.Ledger;
using ControlPlane.Regions;
using ControlPlane.Server.Hosting;

namespace ControlPlane.Server.Identity;

/// <summary>
/// Reads the body of a grant and holds it against who gives it: what is asked for beyond that is complained about and
/// never cut down, so that nobody believes an agent can do what it cannot.
/// </summary>
internal sealed class GrantReader(FieldReader fields, Caller giver)
{
    private const int MostMinutes = 1_440;
    private const int MostAccelerators = 1_000_000;
    private const int MostScopes = 64;
    private const int MostTenants = 100;
    private const int MostJurisdictions = 64;

    private readonly Complaints wrong = fields.Wrong;

    /// <summary>The grant; null when there are complaints.</summary>
    public AgentGrant? Read(Fleet fleet, DateTimeOffset now)
    {
        var agent = fields.Name("agent");
        var scopes = Listed("scopes", MostScopes, ScopeProblem);
        var tenants = Listed("tenants", MostTenants, TenantProblem);
        var jurisdictions = JurisdictionsOf(fleet);
        var minutes = fields.Whole("minutes", required: true, 1, MostMinutes);
        var budget = BudgetOf(fields.Object("budget"));
        fields.Finish();
        if (giver.IsSoftware)
            wrong.Add(ProblemCatalog.GrantTooWide.At("", "what acts for somebody cannot pass that on"));
        if (wrong.Any) return null;
        return new AgentGrant
        {
            Id = new GrantId(Guid.CreateVersion7(now)),
            Agent = agent!, // no complaint, so everything is there
            OnBehalfOf = giver.Subject,
            VouchedBy = giver.Issuer,
            Scopes = scopes,
            Tenants = tenants,
            Jurisdictions = jurisdictions,
            From = now,
            Until = now.AddMinutes(minutes!.Value),
            Budget = budget!,
        };
    }

    private Seq<string> Listed(string name, int most, Func<BodyText, Problem?> check)
    {
        if (!fields.Has(name) || fields.IsEmptyList(name))
            fields.Complain(ProblemCatalog.FieldRequired, name, "names at least one");
        var texts = fields.Texts(name, most);
        foreach (var text in texts)
        {
            if (check(text) is { } problem) wrong.Add(problem);
        }

        return texts.Select(text => text.Text).Distinct().Order(StringComparer.Ordinal).ToSeq();
    }

    private Problem? ScopeProblem(BodyText text)
    {
        if (Permission.All.FirstOrDefault(known => known.Scope == text.Text) is not { } permission)
            return ProblemCatalog.ValueUnknown.At(text.Pointer, $"there is no scope '{Shown.Text(text.Text)}'");
        if (!Role.Agent.Grants.Contains(permission))
            return ProblemCatalog.GrantTooWide.At(text.Pointer, $"'{permission}' is nothing that software agents may");
        return giver.Lacks(permission) is null
            ? null
            : ProblemCatalog.GrantTooWide.At(text.Pointer, $"whoever gives it has no '{permission}' either");
    }

    private Problem? TenantProblem(BodyText text)
    {
        var isName = FieldReader.IsName(text.Text);
        if (text.Text != Caller.EveryTenant && !isName)
        {
            return ProblemCatalog.NameFormat.At(
                text.Pointer, $"must be {Files.NameFormatAttribute.DefaultExplanation}, or *");
        }

        return isName ? giver.SpeaksFor(text.Text) ? null : TooWide() : giver.Tenants is null ? null : TooWide();

        Problem TooWide() => ProblemCatalog.GrantTooWide.At(
            text.Pointer, $"whoever gives it does not speak for '{text.Text}' either");
    }

    /// <summary>Null when neither the giver nor the grant is confined.</summary>
    private Seq<JurisdictionId>? JurisdictionsOf(Fleet fleet)
    {
        if (!fields.Has("jurisdictions")) return OfGiver(fleet);
        return Listed("jurisdictions", MostJurisdictions, text =>
        {
            var id = new JurisdictionId(text.Text);
            if (fleet.FindJurisdiction(id) is null)
                return ProblemCatalog.CountryUnknown.At(text.Pointer, $"'{Shown.Text(text.Text)}' is not known");
            return giver.Reaches(fleet, id) ? null : ProblemCatalog.GrantTooWide.At(
                text.Pointer, $"whoever gives it does not reach {id} either");
        }).Select(text => new JurisdictionId(text)).ToSeq();
    }

    /// <summary>Those that both the token and its issuer are confined to.</summary>
    private Seq<JurisdictionId>? OfGiver(Fleet fleet) => (giver.Jurisdictions, giver.IssuedFor) switch
    {
        (null, var issued) => issued,
        (var own, null) => own,
        ({ } own, { } issued) => own.Concat(issued).Where(id => giver.Reaches(fleet, id)).Distinct().ToSeq(),
    };

    private AgentBudget? BudgetOf(BodyObject? given)
    {
        if (given is null)
        {
            if (!fields.Has("budget")) fields.Complain(ProblemCatalog.FieldRequired, "budget", "is required");
            return null;
        }

        var bounds = new FieldReader(given, wrong);
        var accelerators = bounds.Whole("accelerators", required: true, 0, MostAccelerators);
        var moves = bounds.Whole("moves", required: true, 0, MostAccelerators);
        var sites = bounds.Whole("sites", required: true, 0, MostAccelerators);
        var regions = bounds.Whole("regions", required: true, 0, MostAccelerators);
        var window = bounds.Whole("windowMinutes", required: true, 1, MostMinutes);
        bounds.Finish();
        return wrong.Any
            ? null
            : new AgentBudget(
                (int)accelerators!.Value, (int)moves!.Value, (int)sites!.Value, (int)regions!.Value, // no complaint
                TimeSpan.FromMinutes(window!.Value));
    }
}
