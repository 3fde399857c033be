using ControlPlane.Core.Tests;

namespace ControlPlane.Server.Tests.Api;

/// <summary>Every bad input that is promised an answer of its own, with the test that shows it.</summary>
public sealed class RowTableTests
{
    private const string Bodies = "tests/Server.Tests/Placements/BadBodies.cs";
    private const string Inputs = "tests/Server.Tests/Api/BadInputTests.cs";
    private const string Wire = "tests/Server.Tests/Api/WireTests.cs";
    private const string Outcomes = "tests/Server.Tests/Api/OutcomeTests.cs";
    private const string Repeats = "tests/Server.Tests/Api/RepeatTests.cs";
    private const string Edge = "tests/Server.Tests/Identity/IdentityEdgeTests.cs";
    private const string Cold = "tests/Server.Tests/Identity/ColdIssuerTests.cs";
    private const string Glass = "tests/Server.Tests/Identity/BreakGlassTests.cs";
    private const string Usage = "tests/Cli.Tests/Terminal/UsageTests.cs";
    private const string Exits = "tests/Cli.Tests/Terminal/ExitCodeTests.cs";
    private const string Regions = "tests/Core.Tests/Regions/BadRegionFilesTests.cs";
    private const string Tree = "tests/Server.Tests/Files/TreeReaderTests.cs";
    private const string Policies = "tests/Core.Tests/Policies/BadPolicyFilesTests.cs";
    private const string Activation = "tests/Server.Tests/Policies/PolicyActivationTests.cs";

    /// <summary>Row, file, and what in it shows the row.</summary>
    private static readonly (int Row, string File, string Shows)[] others =
    [
        (19, Outcomes, "A19_SQL"), (21, Inputs, "A21_"), (25, Outcomes, "A25_"), (28, Outcomes, "no-lawful-region"),
        (29, Outcomes, "no-capacity"), (30, Outcomes, "quota-exceeded"), (32, Repeats, "A32_"), (33, Repeats, "A33_"),
        (46, Repeats, "A46_"), (47, Repeats, "A47_"), (48, Repeats, "A48_"),
        (49, "tests/Server.Tests/Ledger/DecisionLoopTests.cs", "policy-unavailable"),
        (50, Edge, "T50_"), (51, Edge, "T51_"), (52, Edge, "T52_to_T55_"), (53, Edge, "T52_to_T55_"),
        (54, Edge, "T52_to_T55_"), (55, Edge, "T52_to_T55_"), (56, Edge, "T56_"), (57, Edge, "T57_"),
        (58, Glass, "are_kept_from_an_operator_who_resides_elsewhere"), (59, Glass, "T59_"),
        (60, Cold, "T60_"), (65, Wire, "H65_"),
        (67, Usage, "[usage]"), (68, "tests/Cli.Tests/Ledger/VerifyTests.cs", "file-unreadable"),
        (69, Exits, "[unreachable]"), (70, Usage, "secret-in-argv"),
        (71, "tests/Cli.Tests/Policies/TranscriptTests.cs", "| head -n 3"), (72, Regions, "R72"),
        (73, Regions, "duplicate-id"), (74, Regions, "R74"), (75, Regions, "R75"), (76, Regions, "R76"),
        (77, Regions, "R77"), (78, Regions, "R78"), (79, "tests/Core.Tests/Regions/RegionWarningsTests.cs", "expire"),
        (80, Regions, "R80"), (81, Regions, "R81"), (82, "tests/Server.Tests/Api/FilesInUseTests.cs", "R82_"),
        (83, Regions, "file-too-large"), (84, Tree, "path-escape"), (85, Policies, "policy-blank"),
        (86, Policies, "attribute-unknown"), (87, Policies, "rule-shadowed"), (88, Policies, "rule-conflict"),
        (89, Policies, "include-cycle"), (90, Policies, "pattern-unsafe"), (91, Activation, "placements-unlawful"),
        (92, Activation, "version-conflict"), (93, Policies, "waiver-incomplete"),
        (94, "tests/Cli.Tests/Policies/SignCommandTests.cs", "signature"),
    ];

    [Fact]
    public void Every_one_of_the_ninety_four_rows_has_its_test()
    {
        var missing = Enumerable.Range(1, 94).Where(row => !IsShown(row)).ToList();

        Assert.Empty(missing);
    }

    private static bool IsShown(int row)
    {
        var named = others.Where(item => item.Row == row).ToList();
        return named.Count > 0
            ? named.TrueForAll(item => Text(item.File).Contains(item.Shows, StringComparison.Ordinal))
            : Text(Bodies).Contains($"        new({row}, \"", StringComparison.Ordinal)
                || Text(Inputs).Contains($"        {{ {row}, \"", StringComparison.Ordinal)
                || Text(Wire).Contains($"        {{ {row}, \"", StringComparison.Ordinal);
    }

    private static string Text(string file) => File.ReadAllText(Path.Combine(Checkout.Root, file));
}
