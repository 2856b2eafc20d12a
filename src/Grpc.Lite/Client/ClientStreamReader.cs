using Grpc.Core;

namespace Grpc.Net.Client;

/// <summary>The responses of a call, a stream or a single one. Whoever reads to the end ends the call with the status of the trailers.</summary>
internal sealed class ClientStreamReader<TRequest, TResponse>(GrpcCall<TRequest, TResponse> call) : IAsyncStreamReader<TResponse>
    where TRequest : class
    where TResponse : class
{
    private ResponseMessageReader<TResponse>? _messages;
    private int _isReading;

    public TResponse Current { get; private set; } = null!;

    public Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        call.ThrowIfDisposed();
        if (cancellationToken.IsCancellationRequested && !call.HasEnded)
        {
            call.Cancel();
        }

        return Interlocked.Exchange(ref _isReading, 1) == 0
            ? MoveNextAsync(cancellationToken)
            : Task.FromException<bool>(new InvalidOperationException("Can't read the next message because the previous read is still in progress."));
    }

    /// <summary>Reads the only response of a call, and its status.</summary>
    public async Task<TResponse> ReadSingleAsync()
    {
        var response = await ReadAsync(CancellationToken.None).ConfigureAwait(false);
        var additional = response is null ? null : await ReadAsync(CancellationToken.None).ConfigureAwait(false);
        if (additional is not null)
        {
            throw call.Fail(new RpcException(new Status(StatusCode.Internal, "More than one response message received.")));
        }

        return response ?? throw new RpcException(new Status(StatusCode.Internal, "Failed to deserialize response message."));
    }

    private async Task<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        try
        {
            Current = null!;
            Current = (await ReadAsync(cancellationToken).ConfigureAwait(false))!;
            return Current is not null;
        }
        finally
        {
            Volatile.Write(ref _isReading, 0);
        }
    }

    private async ValueTask<TResponse?> ReadAsync(CancellationToken cancellationToken)
    {
        await using var registration = call.RegisterCancellation(cancellationToken).ConfigureAwait(false);
        try
        {
            var response = await call.Response.ConfigureAwait(false);
            if (call.HasEnded)
            {
                call.ThrowUnlessOk();
                return null;
            }

            _messages ??= await OpenAsync(response).ConfigureAwait(false);
            if (await _messages.ReadAsync(call.CancellationToken).ConfigureAwait(false) is { } message)
            {
                return message;
            }

            call.EndByTrailers(response);
        }
        catch (Exception exception)
        {
            _messages?.Dispose();
            throw call.Fail(exception);
        }

        _messages.Dispose();
        call.ThrowUnlessOk();
        return null;
    }

    private async Task<ResponseMessageReader<TResponse>> OpenAsync(HttpResponseMessage response)
    {
        var stream = await response.Content.ReadAsStreamAsync(call.CancellationToken).ConfigureAwait(false);
        var encoding = response.Headers.TryGetValues(GrpcHeaders.Encoding, out var values) ? values.FirstOrDefault() : null;
        return new ResponseMessageReader<TResponse>(stream, encoding, call.Channel.MaxReceiveMessageSize, call.Method.ResponseMarshaller.ContextualDeserializer);
    }
}
