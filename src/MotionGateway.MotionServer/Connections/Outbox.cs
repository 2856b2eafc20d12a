using System.Diagnostics;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.MotionServer;

/// <summary>The sending half of a connection: one message at a time, in the order of the calls, each within a time limit. A send that has begun is never cancelled, since half a frame would end it.</summary>
internal sealed class Outbox(WebSocket socket, SendDeadline deadline, MotionServerOptions options, Action<EncodedSpeech>? onStreamCompleted = null) : IDisposable
{
    // Well below the 1 MiB that the smallest known peer takes in one message; even, so that no sample is cut.
    internal const int MaxAudioBytesPerMessage = 256 * 1024;

    // Lets one sender through at a time. Who waits asynchronously enters in the order of the calls, and costs nothing where nobody waits.
    private readonly SemaphoreSlim _turn = new(1, 1);
    private bool _isClosed;

    /// <summary>Sends a request's audio.</summary>
    /// <returns>Null when it was sent or is not wanted any more, else why the socket did not take it.</returns>
    /// <exception cref="InvalidOperationException">The request's end has been sent, and this is audio.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up before its turn.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Exception?> SendAudioAsync(RequestSpeech request, ReadOnlyMemory<byte> audio, bool isLast, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        EncodedSpeech? completed = null;
        byte[]? rented = null;
        Exception? failure = null;
        try
        {
            if (IsWanted(request, isLast))
            {
                ReadOnlyMemory<byte> samples = request.Align(audio, options.Buffers, out rented);
                failure = await EncodeAndWriteAsync(request, samples, isLast).ConfigureAwait(false);
                completed = failure is null && !request.IsGivenUp ? request.OnChunkSent(samples.Length, isLast) : null;
            }
        }
        finally
        {
            _turn.Release();
            if (rented is not null)
            {
                options.Buffers.Return(rented);
            }
        }

        if (completed is not null)
        {
            onStreamCompleted?.Invoke(completed);
        }

        return failure;
    }

    /// <summary>Sends a control about a request.</summary>
    /// <returns>Null when it was sent, else why the socket did not take it.</returns>
    /// <exception cref="OperationCanceledException">The caller gave up before its turn.</exception>
    public ValueTask<Exception?> SendControlAsync(RequestSpeech request, MessageType type, int member, CancellationToken cancellationToken) =>
        InTurnAsync(() => WriteAsync(new RequestMessage(type, member, request.Id)), cancellationToken);

    /// <summary>Tells the Motion Server to stop a request, once, where it knows of it.</summary>
    /// <inheritdoc cref="SendControlAsync"/>
    public ValueTask<Exception?> SendInterruptAsync(RequestSpeech request, CancellationToken cancellationToken) => InTurnAsync(
        () =>
        {
            // An end in place of an interrupt would begin a second request where one has been sent.
            if (!request.IsBegun || request.IsInterruptSent || (options.EndInsteadOfInterrupt && request.IsEnded))
            {
                return default;
            }

            request.IsInterruptSent = true;
            return options.EndInsteadOfInterrupt
                ? WriteAudioAsync(request, default, isLast: true)
                : WriteAsync(new RequestMessage(MessageType.MessageClientInterrupt, Message.ClientInterruptFieldNumber, request.Id));
        },
        cancellationToken);

    /// <summary>Says goodbye after the sends that came before; later ones are refused.</summary>
    public async Task CloseAsync(CancellationToken cancellationToken) => await InTurnAsync(
        async () =>
        {
            _isClosed = true;
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, statusDescription: null, cancellationToken).ConfigureAwait(false);
            }

            return null;
        },
        cancellationToken).ConfigureAwait(false);

    public void Dispose() => deadline.Dispose();

    private async ValueTask<Exception?> InTurnAsync(Func<ValueTask<Exception?>> send, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await send().ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    // Whether there is anything to be done with a chunk whose turn has come.
    private static bool IsWanted(RequestSpeech request, bool isLast)
    {
        if (request.IsEnded && !isLast)
        {
            throw new InvalidOperationException("The request's end has been sent: audio after it would begin a second request of the same id.");
        }

        return !request.IsGivenUp && !request.IsEnded;
    }

    private ValueTask<Exception?> EncodeAndWriteAsync(RequestSpeech request, ReadOnlyMemory<byte> samples, bool isLast)
    {
        if (samples.IsEmpty && !(isLast && request.IsBegun))
        {
            request.IsEnded |= isLast;
            return default;
        }

        // Memory that the caller has given away fails here, which is no matter of the connection.
        _ = samples.Span;
        try
        {
            samples = request.Encode(samples, isLast);
        }
        catch (ObjectDisposedException exception)
        {
            // The request was interrupted, or the connection has ended, while this send waited or was encoding.
            return new ValueTask<Exception?>(request.IsGivenUp ? null : exception);
        }

        // What an encoder holds back comes with a later chunk; an empty message would tell nothing.
        return samples.IsEmpty && !isLast ? default : WriteAudioAsync(request, samples, isLast);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Exception?> WriteAudioAsync(RequestSpeech request, ReadOnlyMemory<byte> audio, bool isLast)
    {
        Exception? failure;
        do
        {
            ReadOnlyMemory<byte> chunk = audio[..Math.Min(audio.Length, MaxAudioBytesPerMessage)];
            audio = audio[chunk.Length..];
            bool isLastMessage = isLast && audio.IsEmpty;
            Activity? trace = request.OnSending();
            failure = await WriteAsync(new RequestMessage(MessageType.MessageClientAudioInput, Message.ClientAudioInputFieldNumber, request.Id)
            {
                IsLast = isLastMessage,
                Audio = chunk.Span,
                TraceParent = options.PropagateTraceContext ? trace?.Id : null,
                TraceState = trace?.TraceStateString,
            }).ConfigureAwait(false);
            if (failure is null)
            {
                request.OnMessageSent(isLastMessage);
            }
        }
        while (failure is null && !audio.IsEmpty && !request.IsGivenUp);

        return failure;
    }

    private ValueTask<Exception?> WriteAsync(in RequestMessage message)
    {
        int length = EnvelopeWriter.Measure(message);
        byte[] buffer = options.Buffers.Rent(length);
        EnvelopeWriter.Write(message, buffer.AsSpan(0, length));
        return WriteAsync(buffer, length);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Exception?> WriteAsync(byte[] buffer, int length)
    {
        try
        {
            if (_isClosed)
            {
                return new WebSocketException(WebSocketError.InvalidState);
            }

            deadline.Start();
            await socket.SendAsync(buffer.AsMemory(0, length), WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None).ConfigureAwait(false);
            MotionServerTelemetry.RecordSent(length);
            return null;
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            return exception;
        }
        finally
        {
            deadline.Stop();
            options.Buffers.Return(buffer);
        }
    }
}
