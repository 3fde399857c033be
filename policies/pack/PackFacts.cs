using System.Reflection;
using ControlPlane.Policies.Stacks;
using ControlPlane.Rpc;

namespace ControlPlane.Pack;

/// <summary>What the pack tells the engine about itself and its rules.</summary>
internal static class PackFacts
{
    public const string Name = "control-plane-sovereignty";

    public static string Version { get; } =
        typeof(PackFacts).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!
            .InformationalVersion.Split('+')[0];

    public static AnalyzerInfo Describe()
    {
        var facts = new AnalyzerInfo
        {
            Name = Name,
            DisplayName = "Sovereign regions",
            Version = Version,
            SupportsConfig = true,
            Description = "Judges the stack of a region against its region file.",
        };
        foreach (var rule in PlanRules.All)
        {
            facts.Policies.Add(new PolicyInfo
            {
                Name = rule.Name,
                DisplayName = rule.Name,
                Description = rule.Demand,
                Message = rule.Remedy,
                RemediationSteps = rule.Remedy,
                EnforcementLevel = LevelOf(rule),
                PolicyType = rule.IsOfStack ? PolicyType.Stack : PolicyType.Resource,
                Severity = (PolicySeverity)(int)rule.Severity,
            });
        }

        return facts;
    }

    /// <summary>
    /// How strictly a rule is kept when nothing else is configured: what can be put right is put right.
    /// </summary>
    public static EnforcementLevel LevelOf(PlanRule rule) =>
        rule is TagRule ? EnforcementLevel.Remediate : EnforcementLevel.Mandatory;

    public static AnalyzeDiagnostic Diagnostic(
        PlanRule rule, PlanFinding finding, string file, EnforcementLevel level) => new()
    {
        PolicyName = rule.Name,
        PolicyPackName = Name,
        PolicyPackVersion = Version,
        Description = rule.Demand,
        Message = finding.Sentence(file),
        EnforcementLevel = level,
        Urn = finding.Urn,
        Severity = (PolicySeverity)(int)rule.Severity,
    };
}
