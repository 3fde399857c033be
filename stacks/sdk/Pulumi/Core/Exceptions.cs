namespace Pulumi;

/// <summary>Ends a program with a message for its author; no stack trace is shown.</summary>
public class RunException : Exception
{
    public RunException(string message)
        : base(message)
    {
    }

    public RunException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    internal static RunException OutputsHaveIncorrectType(IEnumerable<string> names) => new(
        $"Output(s) '{string.Join(", ", names)}' have incorrect type. "
        + "[Output] attributed properties must be instances of Output<T>.");
}

/// <summary>Ends a program because of one resource.</summary>
public class ResourceException(string message, Resource? resource, bool hideStack = false) : Exception(message)
{
    internal Resource? Resource { get; } = resource;

    internal bool HideStack { get; } = hideStack;
}

/// <summary>Says that the engine could not be told; there is nobody left to tell.</summary>
internal sealed class LogException(Exception inner) : Exception("Error occurred during logging", inner);
