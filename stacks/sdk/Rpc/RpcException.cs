namespace ControlPlane.Rpc;

/// <summary>Carries the status of a call that did not end well.</summary>
public sealed class RpcException(RpcStatus status, string detail, Exception? inner = null)
    : Exception($"rpc failed: {(int)status} {status}: {detail}", inner)
{
    public RpcStatus Status { get; } = status;

    public string Detail { get; } = detail;
}

/// <summary>Names the status codes of gRPC.</summary>
public enum RpcStatus
{
    Ok = 0,
    Cancelled = 1,
    Unknown = 2,
    InvalidArgument = 3,
    DeadlineExceeded = 4,
    NotFound = 5,
    AlreadyExists = 6,
    PermissionDenied = 7,
    ResourceExhausted = 8,
    FailedPrecondition = 9,
    Aborted = 10,
    OutOfRange = 11,
    Unimplemented = 12,
    Internal = 13,
    Unavailable = 14,
    DataLoss = 15,
    Unauthenticated = 16,
}
