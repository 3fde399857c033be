using System.ComponentModel;
using System.Globalization;
using ControlPlane.Ledger;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Ledger;
using ControlPlane.Server.Placements;

namespace ControlPlane.Server.Identity;

/// <summary>Takes emergencies over HTTP: one person asks with a reason, another approves; both is recorded.</summary>
internal sealed class BreakGlassApi(BreakGlass glass, DecisionLoop loop)
{
    private const string Tag = "Emergencies";
    private const int LongestReason = 500;
    private const int ShortestReason = 10;

    private static readonly ApiExample example = new("drain", "to drain a site", """
        {"permission":"sites:operate","reason":"fire, and the operator on duty cannot be reached","minutes":30}
        """);

    private static readonly ApiOperation ask = new("askEmergency", Tag, "Ask for a permission in an emergency")
    {
        Needs = Permission.BreakGlassAsk,
        Description = "The answer is shown to a second person, who approves it within 30 minutes.",
        Body = new(typeof(EmergencyBody), RequestLimits.BodyBytes, [example]),
        Answers = [new(StatusCodes.Status200OK, typeof(EmergencyAnswer), "what the second person approves")],
        Problems = [.. bodies, ProblemCatalog.ApprovalRequired],
    };

    private static readonly ApiOperation approve = new("approveEmergency", Tag, "Approve as the second person")
    {
        Needs = Permission.BreakGlassApprove,
        Description = $"The one who asked sends the approval in {BreakGlass.Header}, with their own token.",
        Body = new(
            typeof(ApprovalBody), RequestLimits.BodyBytes, [new("ask", "what was asked", """{"ask":"eyJ..."}""")]),
        Answers = [new(StatusCodes.Status200OK, typeof(ApprovalAnswer), "the approval, for the one who asked")],
        Problems = [.. bodies, ProblemCatalog.ApprovalRequired],
    };

    private static IEnumerable<ProblemKind> bodies => [.. ApiProblems.OfRequests, .. ApiProblems.OfChanges];

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/break-glass", AskAsync).Declared(ask);
        routes.MapPost("/v1/break-glass:approve", ApproveAsync).Declared(approve);
    }

    private async Task<IResult> AskAsync(HttpRequest request, CancellationToken cancellation)
    {
        var (fields, problem) = await RequestBody.ReadFieldsAsync(request, RequestLimits.BodyBytes, cancellation);
        if (problem is not null) return problem;
        var permission = fields!.Text("permission", required: true);
        var reason = fields.Text("reason", required: false)?.Text.Trim() ?? "";
        var minutes = fields.Whole("minutes", required: true, 1, BreakGlass.MostMinutes);
        fields.Finish();
        if (permission is not null && Permission.All.All(known => known.Scope != permission.Text))
            fields.Complain(ProblemCatalog.ValueUnknown, "permission", $"'{Shown.Text(permission.Text)}' is none");
        if (fields.Wrong.Any) return new ProblemAnswer(fields.Wrong.Problems);
        if (reason.Length is < ShortestReason or > LongestReason || FieldReader.Hidden(reason) is not null)
        {
            return new ProblemAnswer([ProblemCatalog.ApprovalRequired.At(
                "/reason", $"a reason of {ShortestReason} to {LongestReason} letters is missing")]);
        }

        var need = new EmergencyNeed(permission!.Text, reason, (int)minutes!.Value); // no problem, so both are there
        if (await RecordAsync("asked", need, request.Caller().Subject, cancellation) is { } lost) return lost;
        return Results.Ok(new EmergencyAnswer(glass.Ask(request.Caller(), need)));
    }

    private async Task<IResult> ApproveAsync(HttpRequest request, CancellationToken cancellation)
    {
        var (fields, problem) = await RequestBody.ReadFieldsAsync(request, RequestLimits.BodyBytes, cancellation);
        if (problem is not null) return problem;
        var text = fields!.Text("ask", required: true);
        fields.Finish();
        if (fields.Wrong.Any) return new ProblemAnswer(fields.Wrong.Problems);
        var approval = await glass.ApproveAsync(request.Caller(), text!.Text, cancellation); // there without a problem
        if (!approval.IsValid) return new ProblemAnswer(approval.Problems);
        var asked = approval.Value.Asked;
        if (await RecordAsync("approved", asked.Need, asked.Subject, cancellation) is { } lost) return lost;
        return Results.Ok(new ApprovalAnswer
        {
            Approval = approval.Value.Text,
            For = asked.Subject,
            Permission = asked.Need.Permission,
            Reason = asked.Need.Reason,
            Until = approval.Value.Until.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
        });
    }

    private async Task<ProblemAnswer?> RecordAsync(
        string stage, EmergencyNeed need, string bearer, CancellationToken cancellation)
    {
        var recorded = new EmergencyRecorded(stage, need.Permission, need.Reason, bearer) { Minutes = need.Minutes };
        return await loop.SubmitAsync(new RecordEmergency(recorded), cancellation) is Unavailable unavailable
            ? AnswerResults.ProblemOf(unavailable)
            : null;
    }
}

/// <summary>Asks for a permission in an emergency.</summary>
internal sealed record EmergencyBody(string Permission, string Reason, int Minutes);

/// <summary>Holds what a second person approves.</summary>
internal sealed record EmergencyAnswer([property: Description("Shown to a second person.")] string Ask);

/// <summary>Approves what was asked.</summary>
internal sealed record ApprovalBody(string Ask);

/// <summary>Holds an approval with what it is for.</summary>
internal sealed record ApprovalAnswer
{
    [Description("Sent in Cplane-Break-Glass by the one who asked, and of use to nobody else.")]
    public required string Approval { get; init; }

    public required string For { get; init; }
    public required string Permission { get; init; }
    public required string Reason { get; init; }
    public required string Until { get; init; }
}
