using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.Mvc.ModelBinding;

namespace ControlPlane.Server.Hosting;

/// <summary>
/// Tells the framework the types of bodies and answers that operations declare, because handlers read bodies
/// themselves. What it is told has no effect on requests.
/// </summary>
internal sealed class DeclaredTypes : IApiDescriptionProvider
{
    /// <summary>After the framework's own, which finds the endpoints.</summary>
    public int Order => 0;

    public void OnProvidersExecuting(ApiDescriptionProviderContext context)
    {
    }

    public void OnProvidersExecuted(ApiDescriptionProviderContext context)
    {
        foreach (var description in context.Results)
        {
            if (description.ActionDescriptor.EndpointMetadata.OfType<ApiOperation>().FirstOrDefault() is { } operation)
                Describe(description, operation);
        }
    }

    private static void Describe(ApiDescription description, ApiOperation operation)
    {
        if (operation.Body is { } body)
        {
            description.ParameterDescriptions.Add(new ApiParameterDescription
            {
                Name = "body",
                Type = body.Type,
                Source = BindingSource.Body,
                IsRequired = true,
            });
            description.SupportedRequestFormats.Add(new ApiRequestFormat { MediaType = "application/json" });
        }

        description.SupportedResponseTypes.Clear();
        foreach (var answer in operation.Answers)
            Add(description, answer.Status, answer.Type, answer.MediaType);
        foreach (var status in ApiOperationWriter.ProblemsOf(operation).Select(kind => kind.Status).Distinct())
            Add(description, status, typeof(ProblemDocument), ProblemAnswer.MediaType);
    }

    private static void Add(ApiDescription description, int status, Type? type, string mediaType) =>
        description.SupportedResponseTypes.Add(new ApiResponseType
        {
            StatusCode = status,
            Type = type ?? typeof(void),
            ApiResponseFormats = type is null ? [] : [new ApiResponseFormat { MediaType = mediaType }],
        });
}
