using Google.Protobuf;

namespace ControlPlane.Rpc;

/// <summary>Binds the path of a method to the function that answers it.</summary>
public sealed class RpcMethod
{
    private readonly Func<Stream, CancellationToken, Task<IMessage>> answer;

    private RpcMethod(string path, Func<Stream, CancellationToken, Task<IMessage>> answer) =>
        (Path, this.answer) = (path, answer);

    public string Path { get; }

    public static RpcMethod Of<TRequest, TReply>(
        string path, Func<TRequest, CancellationToken, Task<TReply>> answer)
        where TRequest : class, IMessage<TRequest>, new()
        where TReply : class, IMessage<TReply> =>
        new(path, async (body, cancellation) =>
        {
            var request = await RpcFrame.ReadAsync<TRequest>(body, cancellation).ConfigureAwait(false);
            return await answer(request ?? new TRequest(), cancellation).ConfigureAwait(false);
        });

    internal Task<IMessage> AnswerAsync(Stream body, CancellationToken cancellation) => answer(body, cancellation);
}
