using System.Collections.Immutable;
using System.Reflection;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace ControlPlane.Core.Tests.Tidy;

/// <summary>Core is pure because the build refuses what is not; these run the same analyzers on samples.</summary>
public sealed class BannedSymbolTests
{
    private const string List = "src/Core/BannedSymbols.txt";

    [Theory]
    [InlineData("DateTimeOffset.UtcNow")]
    [InlineData("DateTime.UtcNow")]
    [InlineData("DateTime.Today")]
    [InlineData("TimeProvider.System")]
    [InlineData("System.Diagnostics.Stopwatch.StartNew()")]
    [InlineData("Environment.TickCount64")]
    [InlineData("Environment.GetEnvironmentVariable(\"HOME\")")]
    [InlineData("Environment.ProcessorCount")]
    [InlineData("new Random(1)")]
    [InlineData("Random.Shared.Next()")]
    [InlineData("System.Security.Cryptography.RandomNumberGenerator.GetBytes(8)")]
    [InlineData("Guid.NewGuid()")]
    [InlineData("Guid.CreateVersion7()")]
    [InlineData("File.ReadAllText(\"a\")")]
    [InlineData("Directory.GetFiles(\"a\")")]
    [InlineData("new FileStream(\"a\", FileMode.Open)")]
    [InlineData("new StreamReader(\"a\")")]
    [InlineData("new StreamWriter(\"a\")")]
    [InlineData("Path.GetTempPath()")]
    [InlineData("Path.GetFullPath(\"a\")")]
    [InlineData("Console.Out")]
    [InlineData("System.Diagnostics.Process.GetCurrentProcess()")]
    [InlineData("new System.Net.Http.HttpClient()")]
    [InlineData("new System.Net.Sockets.TcpClient()")]
    [InlineData("System.Net.Dns.GetHostName()")]
    [InlineData("System.Threading.Tasks.Task.CompletedTask")]
    [InlineData("new System.Threading.Thread(() => { })")]
    [InlineData("System.Threading.Tasks.Parallel.For(0, 1, _ => { })")]
    [InlineData("System.Globalization.CultureInfo.CurrentCulture")]
    [InlineData("TimeZoneInfo.Local")]
    public async Task What_is_not_pure_is_found(string expression)
    {
        var found = await FindAsync(expression);

        Assert.Contains("RS0030", found);
    }

    [Fact]
    public async Task What_is_pure_is_left_alone()
    {
        var found = await FindAsync("new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddDays(1)");

        Assert.Empty(found);
    }

    [Fact]
    public void The_build_of_Core_runs_the_analyzers_with_this_list_and_stops_at_what_they_find()
    {
        var core = XDocument.Parse(TextFile.Read("src/Core/Core.csproj"));
        var all = XDocument.Parse(TextFile.Read("Directory.Build.props"));

        Assert.Contains(core.Descendants("PackageReference"), reference =>
            (string?)reference.Attribute("Include") == "Microsoft.CodeAnalysis.BannedApiAnalyzers");
        Assert.Contains(core.Descendants("AdditionalFiles"), file =>
            (string?)file.Attribute("Include") == "BannedSymbols.txt");
        Assert.Equal("true", all.Descendants("TreatWarningsAsErrors").Single().Value);
        Assert.DoesNotContain("RS0030", TextFile.Read("Directory.Build.props") + TextFile.Read("src/Core/Core.csproj"));
        Assert.Empty(SourceCode.Below("src/Core")
            .Where(file => file.Root.ToFullString().Contains("RS0030", StringComparison.Ordinal))
            .Select(file => file.Path));
    }

    private static async Task<IReadOnlyList<string>> FindAsync(string expression)
    {
        var text = $"using System; using System.IO; class Sample {{ object? Of() => {expression}; }}";
        var compilation = CSharpCompilation.Create(
            "Sample",
            [CSharpSyntaxTree.ParseText(text)],
            PlatformAssemblies.References,
            new(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        Assert.Empty(compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error));
        var options = new AnalyzerOptions([new BannedList()]);
        var found = await compilation.WithAnalyzers(Analyzers, options).GetAnalyzerDiagnosticsAsync();
        return [.. found.Select(diagnostic => diagnostic.Id)];
    }

    private static ImmutableArray<DiagnosticAnalyzer> Analyzers { get; } =
    [
        .. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "analyzers"), "*.dll")
            .Order(StringComparer.Ordinal)
            .SelectMany(path => new AnalyzerFileReference(path, new Loader()).GetAnalyzers(LanguageNames.CSharp)),
    ];

    private sealed class Loader : IAnalyzerAssemblyLoader
    {
        public void AddDependencyLocation(string fullPath)
        {
        }

        public Assembly LoadFromPath(string fullPath) => Assembly.LoadFrom(fullPath);
    }

    private sealed class BannedList : AdditionalText
    {
        public override string Path => List;

        public override SourceText GetText(CancellationToken cancellationToken = default) =>
            SourceText.From(TextFile.Read(List));
    }
}
