using System.Buffers.Binary;
using Google.Protobuf;

namespace ControlPlane.Rpc;

/// <summary>Puts one message into the length-prefixed frame of gRPC and takes it out again.</summary>
internal static class RpcFrame
{
    private const int PrefixBytes = 5;

    /// <summary>The engine's own limit, in both directions.</summary>
    private const uint MessageLimitBytes = 400u * 1024 * 1024;

    /// <summary>Helm values nest deeper than the hundred levels protobuf stops at.</summary>
    private const int NestingLimit = 10_000;

    public static byte[] Write(IMessage message)
    {
        var bytes = new byte[PrefixBytes + message.CalculateSize()];
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(1), (uint)(bytes.Length - PrefixBytes));
        message.WriteTo(bytes.AsSpan(PrefixBytes));
        return bytes;
    }

    /// <summary>Reads the only frame of a stream; null when the stream ends before one begins.</summary>
    public static async Task<T?> ReadAsync<T>(Stream stream, CancellationToken cancellation)
        where T : class, IMessage<T>, new()
    {
        var prefix = new byte[PrefixBytes];
        var read = await stream.ReadAtLeastAsync(prefix, PrefixBytes, throwOnEndOfStream: false, cancellation)
            .ConfigureAwait(false);
        if (read == 0)
        {
            return null;
        }
        if (read < PrefixBytes)
        {
            throw new RpcException(RpcStatus.Unavailable, "the stream ended inside a frame");
        }
        if (prefix[0] != 0)
        {
            throw new RpcException(RpcStatus.Unimplemented, "compressed messages are not understood");
        }
        var length = BinaryPrimitives.ReadUInt32BigEndian(prefix.AsSpan(1));
        if (length > MessageLimitBytes)
        {
            throw new RpcException(RpcStatus.ResourceExhausted, $"a message of {length} bytes is over the limit");
        }
        var body = new byte[length];
        await stream.ReadExactlyAsync(body, cancellation).ConfigureAwait(false);
        using var bytes = new MemoryStream(body);
        using var coded = CodedInputStream.CreateWithLimits(bytes, int.MaxValue, NestingLimit);
        var message = new T();
        try
        {
            message.MergeFrom(coded);
        }
        catch (InvalidProtocolBufferException error)
        {
            throw new RpcException(RpcStatus.Internal, $"not a {message.Descriptor.Name}: {error.Message}", error);
        }
        return message;
    }
}
