using System.Buffers;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.MotionServer;

/// <summary>
/// The sending half of a connection: one message at a time, in the order of the calls, each within a time limit.
/// A send that has begun is never cancelled, since half a frame would end the connection.
/// </summary>
/// <param name="socket">Takes the messages.</param>
/// <param name="deadline">Time limit of each.</param>
/// <param name="requests">Is told of requests that begin.</param>
/// <param name="encoder">Encodes audio on its way; null sends it as it is.</param>
/// <param name="propagatesTraces">A request's first message carries its trace.</param>
/// <param name="buffers">Where messages are written before they are sent.</param>
internal sealed class Outbox(
    WebSocket socket, SendDeadline deadline, RequestTracker requests, SpeechEncoder? encoder, bool propagatesTraces, ArrayPool<byte> buffers) : IDisposable
{
    // Well below the 1 MiB that the smallest known peer takes in one message; even, so that no sample is cut.
    internal const int MaxAudioBytesPerMessage = 256 * 1024;

    private readonly SendGate _gate = new();
    private bool _isClosed;

    /// <summary>Sends a request's audio.</summary>
    /// <returns>Null when it was sent, else why the socket did not take it.</returns>
    /// <exception cref="OperationCanceledException">The caller gave up before its turn.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Exception?> SendAudioAsync(string requestId, ReadOnlyMemory<byte> audio, bool isLast, CancellationToken cancellationToken)
    {
        EncodedSpeech? completed = null;
        await _gate.EnterAsync(cancellationToken).ConfigureAwait(false);
        Exception? failure;
        try
        {
            failure = TryEncode(requestId, isLast, ref audio, ref completed);
            failure ??= await WriteAudioAsync(requestId, audio, isLast).ConfigureAwait(false);
        }
        finally
        {
            _gate.Leave();
        }

        if (failure is null && completed is not null)
        {
            encoder?.OnCompleted?.Invoke(completed);
        }

        return failure;
    }

    /// <summary>Sends a control about a request.</summary>
    /// <returns>Null when it was sent, else why the socket did not take it.</returns>
    /// <exception cref="OperationCanceledException">The caller gave up before its turn.</exception>
    public async ValueTask<Exception?> SendControlAsync(MessageType type, int member, string requestId, CancellationToken cancellationToken)
    {
        await _gate.EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (type == MessageType.MessageClientInterrupt)
            {
                encoder?.Forget(requestId);
            }

            (byte[] buffer, int length) = Encode(new RequestMessage(type, member, requestId));
            return await WriteAsync(buffer, length).ConfigureAwait(false);
        }
        finally
        {
            _gate.Leave();
        }
    }

    /// <summary>Says goodbye after the sends that came before; later ones are refused.</summary>
    /// <param name="cancellationToken">Gives up, which may abort the WebSocket.</param>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        await _gate.EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            _isClosed = true;
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, statusDescription: null, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            _gate.Leave();
        }
    }

    public void Dispose()
    {
        deadline.Dispose();
        encoder?.Dispose();
    }

    // Replaces audio by what it is encoded to, where it is.
    private ObjectDisposedException? TryEncode(string requestId, bool isLast, ref ReadOnlyMemory<byte> audio, ref EncodedSpeech? completed)
    {
        if (encoder is null)
        {
            return null;
        }

        // Memory that the caller has given away fails here, which is no matter of the connection.
        ReadOnlySpan<byte> pcm = audio.Span;
        try
        {
            audio = encoder.Encode(requestId, pcm, isLast, out completed);
            return null;
        }
        catch (ObjectDisposedException exception)
        {
            // The connection has ended while this send waited or was encoding.
            return exception;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Exception?> WriteAudioAsync(string requestId, ReadOnlyMemory<byte> audio, bool isLast)
    {
        // What an encoder holds back comes with a later chunk; an empty message would tell nothing.
        if (encoder is not null && audio.IsEmpty && !isLast)
        {
            return null;
        }

        Exception? failure;
        do
        {
            ReadOnlyMemory<byte> chunk = audio[..Math.Min(audio.Length, MaxAudioBytesPerMessage)];
            audio = audio[chunk.Length..];
            (byte[] buffer, int length) = EncodeAudio(requestId, chunk.Span, isLast && audio.IsEmpty);
            failure = await WriteAsync(buffer, length).ConfigureAwait(false);
        }
        while (failure is null && !audio.IsEmpty);

        return failure;
    }

    private (byte[] Buffer, int Length) EncodeAudio(string requestId, ReadOnlySpan<byte> audio, bool isLast)
    {
        Activity? trace = requests.OnAudio(requestId, isLast);
        if (!propagatesTraces)
        {
            trace = null;
        }

        return Encode(new RequestMessage(MessageType.MessageClientAudioInput, Message.ClientAudioInputFieldNumber, requestId)
        {
            IsLast = isLast,
            Audio = audio,
            TraceParent = trace?.Id,
            TraceState = trace?.TraceStateString,
        });
    }

    // The caller hands the buffer to WriteAsync, which returns it to the pool.
    private (byte[] Buffer, int Length) Encode(in RequestMessage message)
    {
        int length = EnvelopeWriter.Measure(message);
        byte[] buffer = buffers.Rent(length);
        EnvelopeWriter.Write(message, buffer.AsSpan(0, length));
        return (buffer, length);
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
            buffers.Return(buffer);
        }
    }
}
