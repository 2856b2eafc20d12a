using Grpc.Core;

namespace Grpc.Net.Client;

/// <summary>The stream of requests of a call.</summary>
internal sealed class ClientStreamWriter<TRequest, TResponse>(GrpcCall<TRequest, TResponse> call, RequestStreamContent content) : IClientStreamWriter<TRequest>
    where TRequest : class
    where TResponse : class
{
    private readonly Lock _gate = new();
    private readonly BufferedSerializationContext _serialization = new(call.Channel.MaxSendMessageSize);
    private Task _pendingWrite = Task.CompletedTask;
    private bool _isCompleted;

    public WriteOptions? WriteOptions { get; set; } = call.Options.WriteOptions;

    public Task WriteAsync(TRequest message) => WriteAsync(message, CancellationToken.None);

    public Task WriteAsync(TRequest message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        call.ThrowIfDisposed();
        lock (_gate)
        {
            if (_isCompleted)
            {
                return Task.FromException(new InvalidOperationException("Request stream has already been completed."));
            }

            if (call.HasEnded)
            {
                return Task.FromException(call.CreateException());
            }

            return _pendingWrite.IsCompleted
                ? _pendingWrite = WriteCoreAsync(message, cancellationToken)
                : Task.FromException(new InvalidOperationException("Can't write the message because the previous write is in progress."));
        }
    }

    public Task CompleteAsync()
    {
        call.ThrowIfDisposed();
        lock (_gate)
        {
            if (!_pendingWrite.IsCompleted)
            {
                return Task.FromException(new InvalidOperationException("Can't complete the client stream writer because the previous write is in progress."));
            }

            _isCompleted = true;
        }

        content.Complete();
        return Task.CompletedTask;
    }

    private async Task WriteCoreAsync(TRequest message, CancellationToken cancellationToken)
    {
        await using var registration = call.RegisterCancellation(cancellationToken).ConfigureAwait(false);
        try
        {
            var stream = await content.Stream.ConfigureAwait(false);
            await stream.WriteAsync(_serialization.Serialize(message, call.Method.RequestMarshaller.ContextualSerializer), call.CancellationToken).ConfigureAwait(false);
            if (!(WriteOptions?.Flags ?? default).HasFlag(WriteFlags.BufferHint))
            {
                await stream.FlushAsync(call.CancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException or HttpRequestException)
        {
            throw await call.CreateWriteExceptionAsync(exception).ConfigureAwait(false);
        }
        finally
        {
            _serialization.Release();
        }
    }
}
