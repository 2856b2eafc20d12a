using Grpc.Core;

namespace Grpc.AspNetCore.Server;

/// <summary>The stream of responses that a server method writes.</summary>
internal sealed class ResponseStreamWriter<T>(HttpContextServerCallContext call, Action<T, SerializationContext> serializer) : IServerStreamWriter<T>
    where T : class
{
    public WriteOptions? WriteOptions
    {
        get => call.WriteOptions;
        set => call.WriteOptions = value;
    }

    public Task WriteAsync(T message) => WriteAsync(message, CancellationToken.None);

    public Task WriteAsync(T message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        var isBuffered = (WriteOptions?.Flags ?? default).HasFlag(WriteFlags.BufferHint);
        return cancellationToken.IsCancellationRequested
            ? Task.FromCanceled(cancellationToken)
            : call.WriteMessageAsync(message, serializer, !isBuffered, cancellationToken);
    }
}
