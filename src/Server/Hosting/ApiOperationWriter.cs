using System.Globalization;
using System.Text.Json.Nodes;
using ControlPlane.Files;
using ControlPlane.Server.Identity;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace ControlPlane.Server.Hosting;

/// <summary>Writes an operation of the OpenAPI document from its declaration.</summary>
internal static class ApiOperationWriter
{
    public static Task TransformAsync(
        OpenApiOperation written, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        var operation = context.Description.ActionDescriptor.EndpointMetadata.OfType<ApiOperation>().First();
        written.OperationId = operation.Id;
        written.Summary = operation.Summary;
        written.Description = DescriptionOf(operation);
        if (IsGuarded(operation)) written.Security = [ApiDocument.Bearer(context.Document!)]; // as below
        written.Parameters = [.. ParametersOf(operation)];
        WriteBody(written, operation);
        WriteAnswers(written, operation, context.Document!); // there for every operation of a document
        WriteStream(written, operation);
        return Task.CompletedTask;
    }

    /// <summary>Everything that can go wrong with an operation, by status and slug.</summary>
    public static Seq<ProblemKind> ProblemsOf(ApiOperation operation) => operation.Problems
        .Concat(ApiProblems.OfAll)
        .Concat(IsGuarded(operation) ? ApiProblems.OfGate : [])
        .Concat(operation.IsOfWholeFleet ? [ProblemCatalog.JurisdictionForbidden] : [])
        .Distinct()
        .OrderBy(kind => kind.Status)
        .ThenBy(kind => kind.Slug, StringComparer.Ordinal)
        .ToSeq();

    public static OpenApiExample ExampleOf(ProblemKind kind) => new()
    {
        Summary = kind.Title,
        Value = new JsonObject
        {
            ["type"] = kind.Type,
            ["title"] = kind.Title,
            ["status"] = kind.Status,
            ["detail"] = kind.Explanation,
            ["errors"] = new JsonArray(
                new JsonObject { ["pointer"] = "", ["slug"] = kind.Slug, ["detail"] = kind.Explanation }),
        },
    };

    private static bool IsGuarded(ApiOperation operation) =>
        operation.Needs is { } needs && needs != Permission.Everybody;

    private static string? DescriptionOf(ApiOperation operation)
    {
        if (operation.Needs is not { Scope.Length: > 0 } needs) return operation.Description;
        var roles = string.Join(", ", Role.All.Where(role => role.Grants.Contains(needs)));
        var demand = $"Needs the scope `{needs.Scope}` and one of the roles {roles}.";
        return operation.Description is { } words ? $"{words} {demand}" : demand;
    }

    private static IEnumerable<IOpenApiParameter> ParametersOf(ApiOperation operation)
    {
        if (operation.PathId != PathIdForm.None)
        {
            var name = operation.PathId == PathIdForm.Slug ? "slug" : "id";
            yield return new OpenApiParameter
            {
                Name = name,
                In = ParameterLocation.Path,
                Required = true,
                Description = operation.PathId == PathIdForm.Slug ? "Name of the problem." : "Its id.",
                Schema = operation.PathId == PathIdForm.Uuid
                    ? new OpenApiSchema { Type = JsonSchemaType.String, Format = "uuid" }
                    : new OpenApiSchema { Type = JsonSchemaType.String, Pattern = NameFormatAttribute.DefaultPattern },
            };
        }

        foreach (var parameter in operation.Query)
        {
            yield return new OpenApiParameter
            {
                Name = parameter.Name,
                In = ParameterLocation.Query,
                Description = parameter.Description,
                Schema = SchemaOf(parameter),
            };
        }

        if (operation.IsKeyed)
            yield return Header(
                (RequestBody.KeyHeader, "New for each request that is meant to be new, such as a UUID."),
                isRequired: true,
                new OpenApiSchema
                {
                    Type = JsonSchemaType.String,
                    MinLength = 1,
                    MaxLength = RequestBody.LongestKey,
                    Pattern = "^[!-~]+$",
                });
        if (operation.TakesIfMatch)
            yield return Header(
                ("If-Match", "Epoch that the change is meant for, in quotes; left out or *: any."),
                isRequired: false,
                new OpenApiSchema { Type = JsonSchemaType.String, Pattern = "^(\"[0-9]+\"|\\*)$" });
    }

    private static OpenApiParameter Header(
        (string Name, string Description) words, bool isRequired, OpenApiSchema schema) => new()
    {
        Name = words.Name,
        In = ParameterLocation.Header,
        Required = isRequired,
        Description = words.Description,
        Schema = schema,
    };

    private static OpenApiSchema SchemaOf(QueryParameter parameter) => parameter switch
    {
        { Whole: { } range } => new OpenApiSchema
        {
            Type = JsonSchemaType.Integer,
            Format = "int64",
            Minimum = range.Least.ToString(CultureInfo.InvariantCulture),
            Maximum = range.Most.ToString(CultureInfo.InvariantCulture),
            Default = parameter.Default is { } value ? JsonValue.Create(value) : null,
        },
        { Choices.Count: > 0 } => new OpenApiSchema
        {
            Type = JsonSchemaType.String,
            Enum = [.. parameter.Choices.Select(choice => (JsonNode)JsonValue.Create(choice))],
        },
        { IsName: true } => new OpenApiSchema
        {
            Type = JsonSchemaType.String,
            Pattern = NameFormatAttribute.DefaultPattern,
        },
        _ => new OpenApiSchema { Type = JsonSchemaType.String },
    };

    private static void WriteBody(OpenApiOperation written, ApiOperation operation)
    {
        if (operation.Body is not { } body || written.RequestBody is not OpenApiRequestBody requestBody) return;
        requestBody.Required = true;
        requestBody.Description = $"At most {body.MostBytes} bytes of UTF-8.";
        requestBody.Content!["application/json"].Examples = body.Examples.ToDictionary(
            example => example.Name,
            IOpenApiExample (example) => new OpenApiExample
            {
                Summary = example.Summary,
                Value = JsonNode.Parse(example.Json),
            },
            StringComparer.Ordinal);
    }

    /// <summary>The same as lines, where an operation takes them.</summary>
    private static void WriteStream(OpenApiOperation written, ApiOperation operation)
    {
        if (operation.Streams is not { } words) return;
        foreach (var content in (IDictionary<string, OpenApiMediaType>?[])
            [written.RequestBody?.Content, (written.Responses?["200"] as OpenApiResponse)?.Content])
        {
            content?.Add(ApiOperation.LinesMediaType, new OpenApiMediaType
            {
                Schema = new OpenApiSchema { Type = JsonSchemaType.String, Description = words },
            });
        }
    }

    private static void WriteAnswers(OpenApiOperation written, ApiOperation operation, OpenApiDocument document)
    {
        foreach (var answer in operation.Answers)
        {
            if (written.Responses![$"{answer.Status}"] is not OpenApiResponse response) continue;
            response.Description = answer.Description;
            if (answer.Header is not { } header) continue;
            response.Headers = new Dictionary<string, IOpenApiHeader>
            {
                [header.Name] = new OpenApiHeader
                {
                    Description = header.Description,
                    Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                },
            };
        }

        foreach (var ofStatus in ProblemsOf(operation).GroupBy(kind => kind.Status))
        {
            if (written.Responses![$"{ofStatus.Key}"] is not OpenApiResponse response) continue;
            response.Description = string.Join(", ", ofStatus.Select(kind => kind.Slug));
            response.Content![ProblemAnswer.MediaType].Examples = ofStatus.ToDictionary(
                kind => kind.Slug,
                IOpenApiExample (kind) => new OpenApiExampleReference(kind.Slug, document),
                StringComparer.Ordinal);
            if (ofStatus.Key is 409 or 429 or 503) response.Headers = RetryAfter();
        }
    }

    private static Dictionary<string, IOpenApiHeader> RetryAfter() => new()
    {
        ["Retry-After"] = new OpenApiHeader
        {
            Description = "Seconds after which to ask again.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "1" },
        },
    };
}
