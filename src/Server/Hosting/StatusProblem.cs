namespace ControlPlane.Server.Hosting;

/// <summary>Says what is wrong where Kestrel or routing only gives a status.</summary>
internal static class StatusProblem
{
    public static Problem Of(int status) => status switch
    {
        StatusCodes.Status400BadRequest => ProblemCatalog.Framing.At("", "the message is malformed"),
        StatusCodes.Status404NotFound => ProblemCatalog.NotFound.At("", "there is no such path"),
        StatusCodes.Status405MethodNotAllowed =>
            ProblemCatalog.Method.At("", "the Allow header lists the methods of this path"),
        StatusCodes.Status408RequestTimeout => ProblemCatalog.TooSlow.At("", "the request did not come in time"),
        StatusCodes.Status411LengthRequired => ProblemCatalog.Framing.At("", "the length of the body is not given"),
        StatusCodes.Status413PayloadTooLarge => ProblemCatalog.BodyTooLarge.At("", "the body is over the limit"),
        StatusCodes.Status414UriTooLong => ProblemCatalog.UriTooLong.At("", "the request line is over the limit"),
        StatusCodes.Status431RequestHeaderFieldsTooLarge =>
            ProblemCatalog.HeadersTooLarge.At("", "the headers are over the limit"),
        >= 400 and < 500 => ProblemCatalog.Framing.At("", "the message is malformed"),
        _ => ProblemCatalog.Internal.At("", "the request could not be answered"),
    };
}
