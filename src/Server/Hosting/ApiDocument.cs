using ControlPlane.Server.Identity;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.OpenApi;

namespace ControlPlane.Server.Hosting;

/// <summary>Serves the OpenAPI document, made from what the operations declare.</summary>
internal static class ApiDocument
{
    public const string Path = "/openapi/v1.json";

    private const string BearerScheme = "bearer";

    private static readonly ApiOperation show = new("getOpenApi", "Problems", "Show this document")
    {
        Needs = Permission.Everybody,
        Answers = [new(StatusCodes.Status200OK, null, "this document")],
    };

    public static void Configure(IServiceCollection services)
    {
        services.TryAddEnumerable(ServiceDescriptor.Transient<IApiDescriptionProvider, DeclaredTypes>());
        services.AddOpenApi("v1", options =>
        {
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            options.AddSchemaTransformer(ApiSchema.TransformAsync);
            options.AddOperationTransformer(ApiOperationWriter.TransformAsync);
            options.AddDocumentTransformer((document, _, _) =>
            {
                Describe(document);
                return Task.CompletedTask;
            });
        });
    }

    public static void Map(WebApplication app) => app.MapOpenApi(Path).WithMetadata(show);

    /// <summary>What an operation demands whose caller must be known.</summary>
    public static OpenApiSecurityRequirement Bearer(OpenApiDocument document) =>
        new() { [new OpenApiSecuritySchemeReference(BearerScheme, document)] = [] };

    private static void Describe(OpenApiDocument document)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Control plane",
            Version = "v1",
            Description = "Asks where a workload may lawfully run and gives it a place there. A refusal is an answer, "
                + "with its reasons; an error is application/problem+json with every problem at once. Unknown members "
                + "and parameters are refused.",
        };
        // Relative, so that the document is the same wherever it is served.
        document.Servers = [new OpenApiServer { Url = "/" }];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [BearerScheme] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                BearerFormat = "JWT",
                Description = "An access token of an issuer that the server trusts.",
            },
        };
        foreach (var schema in document.Components.Schemas?.Values.OfType<OpenApiSchema>() ?? [])
            ApiSchema.ForbidNull(schema);
        // HEAD goes with every GET, as HTTP has it.
        foreach (var path in document.Paths.Values) path.Operations?.Remove(HttpMethod.Head);
        document.Components.Examples = ProblemTable.All.ToDictionary(
            kind => kind.Slug, kind => (IOpenApiExample)ApiOperationWriter.ExampleOf(kind), StringComparer.Ordinal);
    }
}
