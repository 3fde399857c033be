using System.Globalization;
using ControlPlane.Cells;
using ControlPlane.Files;
using ControlPlane.Regions;
using ControlPlane.Server.Hosting;
using static ControlPlane.Server.Hosting.LogLines;

namespace ControlPlane.Server.Cells;

/// <summary>Runs a directory: a process that takes the numbers of cells and gives them to cells.</summary>
internal sealed class DirectoryHost(CellDirectory directory, ILogger<DirectoryHost> log)
{
    public static async Task<int> RunAsync(string file, ServerOptions options, CancellationToken stopping)
    {
        var catalogue = ReadCatalogue(options.RegionsDirectory);
        using var directory = Read(file, catalogue);
        var builder = WebApplication.CreateSlimBuilder();
        ServerLog.Configure(builder.Logging, options.LogLevel);
        builder.WebHost.ConfigureKestrel(kestrel => EdgeLimits.Set(kestrel, options));
        await using var app = builder.Build();
        app.UseExceptionHandler(failed => failed.Run(context =>
            ProblemAnswer.Of(ProblemCatalog.Internal, "the request could not be answered").ExecuteAsync(context)));
        app.UseStatusCodePages(status => new ProblemAnswer(
            [StatusProblem.Of(status.HttpContext.Response.StatusCode)]).ExecuteAsync(status.HttpContext));
        app.Use(next => context =>
        {
            SecurityHeaders.Set(context.Response.Headers);
            return next(context);
        });
        new DirectoryHost(directory, app.Services.GetRequiredService<ILogger<DirectoryHost>>()).Map(app);
        var url = await Listener.StartAsync(app, options.Port, stopping);
        Console.WriteLine($"directory of cells ready at {url} (it keeps nothing on disk; Ctrl-C stops it)");
        await app.WaitForShutdownAsync(stopping);
        return ExitCode.Stopped;
    }

    private void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/livez", () => Results.Text("ok\n"));
        routes.MapPut("/v1/cells/{cell}", PutAsync);
        routes.MapGet("/v1/cells", GetAsync);
    }

    private async Task<IResult> PutAsync(string cell, HttpRequest request, CancellationToken cancellation)
    {
        var (body, problem) = await RequestBody.ReadAsync(request, CellReportCheck.MostBytes, cancellation);
        if (problem is not null) return problem;
        var (message, refused) = SenderOf(request, body);
        if (message is null) return refused!; // one of the two is there
        if (message.Cell.Value != cell)
            return ProblemAnswer.Of(ProblemCatalog.ReportRefused, "a cell tells only of itself");
        if (directory.Take(message) is { Count: > 0 } problems)
        {
            // By name and count only: what was refused is not written down.
            LogRefused(log, message.Cell.Value, problems.Count);
            return new ProblemAnswer(problems);
        }

        LogTaken(log, message.Cell.Value, body.Length);
        return Results.Bytes(directory.Table().Write(), "application/json");
    }

    private Task<IResult> GetAsync(HttpRequest request)
    {
        var (message, refused) = SenderOf(request, []);
        if (message is null) return Task.FromResult(refused!); // one of the two is there
        if (directory.ShapeOf(request.Query) is not { } shape)
        {
            return Task.FromResult<IResult>(ProblemAnswer.Of(
                ProblemCatalog.ReportRefused, "a question has sku, free and largest, each once, and nothing else"));
        }

        var table = request.Query.Count == 0 ? directory.Table() : directory.Table().With(shape);
        return Task.FromResult(Results.Bytes(table.Write(), "application/json"));
    }

    /// <summary>The message with its sender proven, or why it is not.</summary>
    private (CellMessage? Message, IResult? Refused) SenderOf(HttpRequest request, byte[] body)
    {
        var headers = request.Headers;
        var path = $"{request.Path}{request.QueryString}";
        if (headers[CellMessage.CellHeader] is not [{ Length: <= 63 } cell]
            || headers[CellMessage.AtHeader] is not [{ } text]
            || headers[CellMessage.SignatureHeader] is not [{ } signature]
            || !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var at)
            || at > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())
            return (null, ProblemAnswer.Of(ProblemCatalog.CellUnknown, "a cell signs its messages; this one is not"));
        var message = new CellMessage(request.Method, path, new CellId(cell), at) { Body = body };
        return directory.Refusal(message, signature) is { } unknown
            ? (null, new ProblemAnswer([unknown]))
            : (message, null);
    }

    private static CellDirectory Read(string path, Fleet catalogue)
    {
        try
        {
            var bound = YamlBinder.Bind<DirectorySpec>(new SourceFile(Path.GetFileName(path), File.ReadAllText(path)));
            var made = bound.IsValid ? CellDirectory.Of(bound.Value, catalogue, TimeProvider.System) : null;
            var problems = made?.Problems ?? bound.Problems;
            if (made is { IsValid: true }) return made.Value;
            throw Refused("the file of the directory", problems);
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            throw new StartRefusedException(
                ExitCode.InvalidInput, $"the file of the directory cannot be read: {broken.Message}", broken);
        }
    }

    private static Fleet ReadCatalogue(string regions)
    {
        var read = TreeReader.Read(Path.GetDirectoryName(regions) ?? regions, Path.GetFileName(regions));
        if (!read.IsValid) throw Refused("the region files", read.Problems);
        var fleet = RegionFiles.Parse(read.Value.Files);
        return fleet.IsValid ? fleet.Value.Whole : throw Refused("the region files", fleet.Problems);
    }

    private static StartRefusedException Refused(string what, Seq<Problem> problems) => new(
        ExitCode.InvalidInput,
        $"{what} cannot be used:\n{string.Join('\n', problems.Select(problem => $"  {problem}"))}");
}
