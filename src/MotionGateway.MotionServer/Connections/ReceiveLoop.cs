using System.Diagnostics.CodeAnalysis;
using System.Net.WebSockets;
using Google.Protobuf;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.MotionServer;

/// <summary>The receiving half of a connection: sorts messages into the inbox until the connection ends, and says how it ended.</summary>
internal sealed class ReceiveLoop(
    string connectionId, WebSocket socket, MessageAssembler assembler, MotionInbox inbox, PlaybackInbox playback, RequestTracker requests, ConnectionContext context)
{
    private const MotionServerPhase Phase = MotionServerPhase.WebSocketRuntime;

    private readonly AnimationStrings _strings = new();
    private MotionServerException? _report;
    private long _reportedAt;

    /// <summary>Receives until the end. Does not throw: whatever stops it is how the connection ended.</summary>
    public async Task<ConnectionEnd> RunAsync()
    {
        try
        {
            while (true)
            {
                // Cancelling would only abort the socket, which whoever wants the end does directly.
                ReceivedKind kind = await assembler.ReceiveAsync(CancellationToken.None).ConfigureAwait(false);
                if (Handle(kind) is ConnectionEnd end)
                {
                    return end;
                }
            }
        }
        catch (WebSocketException exception) when (exception.WebSocketErrorCode is not (WebSocketError.ConnectionClosedPrematurely or WebSocketError.InvalidState))
        {
            return new ConnectionEnd(Failures.GivenUp(
                Phase, MotionServerErrorCode.ProtocolError, "The Motion Server broke the WebSocket protocol.", connectionId, exception));
        }
        catch (Exception exception)
        {
            return Report() is MotionServerException report
                ? new ConnectionEnd(Failures.WithClose(report, null, null), IsReported: true)
                : new ConnectionEnd(Failures.Closed(Phase, null, null, connectionId, exception), IsLost: true);
        }
    }

    private ConnectionEnd? Handle(ReceivedKind kind)
    {
        switch (kind)
        {
            case ReceivedKind.Close:
                return OnClose((int?)socket.CloseStatus, CredentialText.Redact(socket.CloseStatusDescription, context.Secrets));
            case ReceivedKind.TooLarge:
                return new ConnectionEnd(Failures.GivenUp(
                    Phase, MotionServerErrorCode.ProtocolError, $"The Motion Server sent a message of more than {context.Options.MaxMessageBytes} bytes.", connectionId));
            case ReceivedKind.Text:
                Ignore("text");
                return null;
            default:
                MotionServerTelemetry.RecordReceived(assembler.Payload.Length);
                return OnBinary(assembler.Payload);
        }
    }

    private ConnectionEnd OnClose(int? code, string? reason)
    {
        if (Report() is MotionServerException report)
        {
            return new ConnectionEnd(Failures.WithClose(report, code, reason), IsReported: true);
        }

        return CloseCodeRules.IsNormal(code) ? default : new ConnectionEnd(Failures.Closed(Phase, code, reason, connectionId));
    }

    private ConnectionEnd? OnBinary(ReadOnlySpan<byte> payload)
    {
        if (!EnvelopeReader.TryRead(payload, out EnvelopeHeader header))
        {
            return OnMalformed();
        }

        if (header.IsAnimation)
        {
            return OnAnimation(payload);
        }

        if (header.IsServerError)
        {
            return OnServerError(payload);
        }

        if (header.IsPlaybackState)
        {
            return OnPlaybackState(payload);
        }

        Ignore("unused");
        return null;
    }

    private ConnectionEnd? OnAnimation(ReadOnlySpan<byte> payload)
    {
        if (!AnimationHeader.TryRead(payload, _strings, out AnimationHeader animation))
        {
            return OnMalformed();
        }

        // Whatever was reported before, the connection goes on.
        _report = null;
        MotionServerTelemetry.RecordKeyframes(animation.KeyframeCount);
        requests.OnMotion(animation.RequestId, animation.End);
        (byte[] rented, int length) = assembler.Detach();
        MotionMessage message = new(animation, context.Options.Buffers, rented, length);
        if (inbox.TryAdd(message))
        {
            return null;
        }

        message.Dispose();
        return Overflow();
    }

    private ConnectionEnd? OnPlaybackState(ReadOnlySpan<byte> payload)
    {
        if (!TryParse(payload, out Message? message))
        {
            return OnMalformed();
        }

        // As with motion: whatever was reported before, the connection goes on.
        _report = null;
        PlaybackUpdate update = PlaybackInbox.Read(message.ServerPlaybackState);
        requests.OnPlayback(update);
        playback.Add(update);
        return null;
    }

    private ConnectionEnd? OnServerError(ReadOnlySpan<byte> payload)
    {
        if (!TryParse(payload, out Message? message))
        {
            return OnMalformed();
        }

        _report = Failures.FromServerError(Phase, message.ServerError, connectionId, context.Secrets);
        _report.Region = context.Region;
        _reportedAt = context.Time.GetTimestamp();
        MotionServerTelemetry.RecordError(_report);
        requests.OnError(_report.RequestId, _report.Code.ToStableName());
        context.Logger.ServerReported(connectionId, _report.RequestId, _report.Code.ToStableName(), _report.Message);
        return inbox.TryAdd(_report) ? null : Overflow();
    }

    private static bool TryParse(ReadOnlySpan<byte> payload, [NotNullWhen(true)] out Message? message)
    {
        try
        {
            message = Message.Parser.ParseFrom(payload);
            return true;
        }
        catch (InvalidProtocolBufferException)
        {
            message = null;
            return false;
        }
    }

    // The report that this end belongs to: one that nothing followed, made at most one step ago.
    private MotionServerException? Report() =>
        context.Time.GetElapsedTime(_reportedAt) <= context.Options.StepTimeout ? _report : null;

    private ConnectionEnd Overflow() => new(Failures.GivenUp(
        Phase,
        MotionServerErrorCode.ConnectionClosed,
        $"More than {context.Options.ReceiveBufferBytes} bytes of motion were received and not read; the connection was given up.",
        connectionId));

    private ConnectionEnd? OnMalformed()
    {
        MotionServerTelemetry.RecordIgnored("malformed");
        context.Logger.Malformed(connectionId, assembler.Payload.Length);
        return null;
    }

    private void Ignore(string reason)
    {
        MotionServerTelemetry.RecordIgnored(reason);
        context.Logger.Ignored(connectionId, reason, assembler.Payload.Length);
    }
}
