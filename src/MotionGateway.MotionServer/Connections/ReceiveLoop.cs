using System.Diagnostics.CodeAnalysis;
using System.Net.WebSockets;
using Google.Protobuf;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.MotionServer;

/// <summary>The receiving half of a connection: sorts messages into the inbox until the connection ends, and says how it ended.</summary>
internal sealed class ReceiveLoop(
    string connectionId, MessageAssembler assembler, MotionInbox inbox, PlaybackInbox playback, ReportHold reports, RequestTracker requests, ConnectionContext context)
{
    private const MotionServerPhase Phase = MotionServerPhase.WebSocketRuntime;

    private readonly AnimationStrings _strings = new();

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
                Phase, MotionServerErrorCode.ProtocolError, "The Motion Server broke the WebSocket protocol.", connectionId, MaskedException.Of(exception, context.Secrets)));
        }
        catch (Exception exception)
        {
            return Reported(closeCode: null, reason: null) ?? new ConnectionEnd(Failures.Closed(Phase, null, null, connectionId, MaskedException.Of(exception, context.Secrets)), IsLost: true);
        }
    }

    private ConnectionEnd? Handle(ReceivedKind kind)
    {
        switch (kind)
        {
            case ReceivedKind.Close:
                return OnClose(assembler.CloseCode, CredentialText.Redact(assembler.CloseReason, context.Secrets));
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

    private ConnectionEnd OnClose(int? code, string? reason) =>
        Reported(code, reason)
        ?? (CloseCodeRules.IsNormal(code) ? default : new ConnectionEnd(Failures.Closed(Phase, code, reason, connectionId)));

    // An end that the server has announced by a report.
    private ConnectionEnd? Reported(int? closeCode, string? reason) =>
        reports.TakeForEnd(out bool isDelivered) is MotionServerException report
            ? new ConnectionEnd(Failures.WithClose(report, closeCode, reason), isDelivered)
            : null;

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

        reports.GoOn(animation.RequestId);
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

        PlaybackUpdate update = PlaybackInbox.Read(message.ServerPlaybackState);
        reports.GoOn(update.RequestId);
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

        MotionServerException report = Failures.FromServerError(Phase, message.ServerError, connectionId, context.Secrets);
        report.Region = context.Region;
        requests.OnError(report.RequestId, report.Code.ToStableName());
        context.Logger.ServerReported(connectionId, report.RequestId, report.Code.ToStableName(), report.Message);
        reports.Add(report);
        return null;
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

    private ConnectionEnd Overflow() => new(Failures.GivenUp(
        Phase,
        MotionServerErrorCode.ReaderTooSlow,
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
