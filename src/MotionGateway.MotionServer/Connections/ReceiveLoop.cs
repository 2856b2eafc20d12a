using System.Net.WebSockets;
using Google.Protobuf;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.MotionServer;

/// <summary>How receiving ended.</summary>
/// <param name="Failure">Why; null for a normal end.</param>
/// <param name="IsDelivered">Readers were told already, by the server's report before the close.</param>
/// <param name="IsLost">The peer said nothing: the socket broke, or this side tore it down.</param>
internal readonly record struct ConnectionEnd(MotionServerException? Failure, bool IsDelivered = false, bool IsLost = false);

/// <summary>The receiving half of a connection: gives messages to their requests until the connection ends, and says how it ended.</summary>
internal sealed class ReceiveLoop(
    string connectionId, MessageAssembler assembler, PlaybackInbox playback, ReportHold reports, RequestTable requests, ConnectionContext context)
{
    private const MotionServerPhase Phase = MotionServerPhase.WebSocketRuntime;

    // A peer that is broken is so with each message: further ones are counted only.
    private const int MaxWarnings = 5;

    private readonly EnvelopeReader _reader = new();
    private volatile int _unreadable;
    private int _reported;
    private volatile bool _hasWord;

    /// <summary>Whether the server has said anything. May be asked at any time.</summary>
    public bool HasWord => _hasWord;

    /// <summary>Messages that could not be read. May be asked at any time.</summary>
    public int UnreadableMessages => _unreadable;

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
        catch (WebSocketException exception) when (StepRunner.IsBreach(exception))
        {
            return GivenUp(MotionServerErrorCode.ProtocolError, "The Motion Server broke the WebSocket protocol.", context.Secrets.Mask(exception));
        }
        catch (Exception exception)
        {
            return Reported(closeCode: null, reason: null)
                ?? new ConnectionEnd(Failures.Closed(Phase, null, null, connectionId, context.Secrets.Mask(exception)), IsLost: true);
        }
    }

    private ConnectionEnd? Handle(ReceivedKind kind)
    {
        switch (kind)
        {
            case ReceivedKind.Close:
                string? reason = context.Secrets.Mask(assembler.CloseReason);
                return Reported(assembler.CloseCode, reason)
                    ?? (ErrorRules.IsNormalClose(assembler.CloseCode) ? default : new ConnectionEnd(Failures.Closed(Phase, assembler.CloseCode, reason, connectionId)));
            case ReceivedKind.TooLarge:
                return GivenUp(MotionServerErrorCode.ProtocolError, $"The Motion Server sent a message of more than {context.Options.MaxMessageBytes} bytes.");
            case ReceivedKind.Text:
                Ignore("text");
                return null;
            default:
                MotionServerTelemetry.RecordReceived(assembler.Payload.Length);
                return OnBinary(assembler.Payload);
        }
    }

    // An end that the server has announced by a report.
    private ConnectionEnd? Reported(int? closeCode, string? reason) =>
        reports.TakeForEnd(out bool isDelivered) is MotionServerException report
            ? new ConnectionEnd(Failures.WithClose(report, closeCode, reason), isDelivered)
            : null;

    private ConnectionEnd? OnBinary(ReadOnlySpan<byte> payload)
    {
        bool isRead = EnvelopeReader.TryRead(payload, out EnvelopeHeader header);
        _hasWord |= isRead && (header.IsAnimation || header.IsServerError || header.IsPlaybackState);
        if (isRead && header.IsAnimation)
        {
            isRead = _reader.TryReadAnimation(payload, out AnimationHeader animation);
            if (isRead && !OnAnimation(animation))
            {
                return GivenUp(
                    MotionServerErrorCode.ReaderTooSlow,
                    $"More than {context.Options.ReceiveBufferBytes} bytes of motion were received and not read; the connection was given up.");
            }
        }
        else if (isRead && (header.IsServerError || header.IsPlaybackState))
        {
            isRead = TryHandle(payload);
        }
        else if (isRead)
        {
            Ignore("unused");
        }

        if (!isRead)
        {
            MotionServerTelemetry.RecordIgnored("malformed");
            if (_unreadable++ < MaxWarnings)
            {
                context.Logger.Malformed(connectionId, payload.Length);
            }
        }

        return null;
    }

    // False when there is no room for it.
    private bool OnAnimation(in AnimationHeader animation)
    {
        reports.GoOn(animation.RequestId);
        if (context.Connection.Egress is null)
        {
            MotionServerTelemetry.RecordKeyframes(animation.KeyframeCount);
            (byte[] rented, int length) = assembler.Detach();
            MotionMessage message = new(animation, context.Options.Buffers, rented, length);
            bool isGiven = requests.TryGive(message);
            if (!isGiven)
            {
                message.Dispose();
            }

            return isGiven;
        }

        // With egress an animation without keyframes tells of the playback. One with some is not the connection's to carry.
        if (animation.KeyframeCount > 0)
        {
            Ignore("motion_with_egress");
        }
        else if (requests.OnSignal(animation.RequestId, animation.End) is PlaybackUpdate update)
        {
            playback.Add(update);
        }

        return true;
    }

    // False when it does not parse.
    private bool TryHandle(ReadOnlySpan<byte> payload)
    {
        Message message;
        try
        {
            message = Message.Parser.ParseFrom(payload);
        }
        catch (InvalidProtocolBufferException)
        {
            return false;
        }

        if (message.ServerError is { } error)
        {
            MotionServerException report = Failures.FromServerError(Phase, error, connectionId, context.Secrets);
            report.Region = context.Region;
            if (_reported++ < MaxWarnings)
            {
                context.Logger.ServerReported(connectionId, report.RequestId ?? "none", report.Code.ToStableName(), report.Message);
            }

            reports.Add(report);
            return true;
        }

        PlaybackUpdate update = PlaybackInbox.Read(message.ServerPlaybackState);
        reports.GoOn(update.RequestId);
        if (requests.OnState(update))
        {
            playback.Add(update);
        }

        return true;
    }

    private ConnectionEnd GivenUp(MotionServerErrorCode code, string message, Exception? cause = null) => new(Failures.GivenUp(Phase, code, message, connectionId, cause));

    private void Ignore(string reason)
    {
        MotionServerTelemetry.RecordIgnored(reason);
        context.Logger.Ignored(connectionId, reason, assembler.Payload.Length);
    }
}
