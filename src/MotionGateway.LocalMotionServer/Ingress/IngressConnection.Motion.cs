using Google.Protobuf;
using MotionGateway.LocalMotion.Faults;
using MotionGateway.LocalMotion.Motion;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Ingress;

/// <summary>The way of motion out of a connection, sent or published, and what a fault makes of that.</summary>
internal sealed partial class IngressConnection
{
    /// <summary>Sends motion, or publishes it: with egress none comes back over the WebSocket.</summary>
    public ValueTask SendMotionAsync(ServerResponseAnimation animation, CancellationToken cancellationToken)
    {
        byte[] envelope = new Message { Type = MessageType.MessageServerResponseAnimation, ServerResponseAnimation = animation }.ToByteArray();
        int keyframes = animation.Animation.Keyframes.Count;
        if (_egress is null)
        {
            return SendRawMotionAsync(keyframes, envelope, cancellationToken);
        }

        Touch();
        _egress.Publish(animation.ReqId, keyframes, envelope);
        return ValueTask.CompletedTask;
    }

    /// <summary>Sends motion over the WebSocket, in bytes that a fault has made, also with egress.</summary>
    /// <param name="keyframes">Keyframes that can be read in it.</param>
    /// <param name="message">The whole envelope.</param>
    /// <param name="cancellationToken">Gives up the wait for room in the queue.</param>
    public ValueTask SendRawMotionAsync(int keyframes, ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        Touch();
        _context.Counters.AnimationSent(keyframes);
        return _sender.SendRawAsync(message, cancellationToken);
    }

    /// <summary>Audio has come, and has not been taken yet.</summary>
    public async ValueTask BeforeAudioAsync(string requestId)
    {
        try
        {
            await (_turnFault?.BeforeAudioAsync(requestId, _life.Token) ?? ValueTask.CompletedTask);
        }
        catch (OperationCanceledException) when (IsEnding)
        {
            IngressLog.WorkStopped(_context.Logger, Id);
        }
    }

    /// <summary>Sends WebSocket frames that a fault has made, as they are.</summary>
    public ValueTask SendFramesAsync(ReadOnlyMemory<byte> frames, CancellationToken cancellationToken) => _sender.SendFramesAsync(frames, cancellationToken);

    private async ValueTask<Aftermath> StrikeAtHandshakeAsync()
    {
        if (_fault is not { Point: FaultPoint.Handshake, Plan: { Act: { } act } plan })
        {
            return Aftermath.GoesOn;
        }

        await act(new FaultScene(this, FaultPoint.Handshake, null), _life.Token);
        return plan.After;
    }

    private void OnStarted(string requestId)
    {
        Interlocked.Increment(ref _requests);
        _egress?.Expect(requestId);
    }

    private Action<string, ReadOnlyMemory<byte>>? OnTaken() =>
        Options.Observer is { } observer ? (requestId, pcm) => observer.SpeechTaken(Id, AvatarId, requestId, pcm) : null;

    /// <summary>Leaves a fault of the motion on the wire aside where there is none, and says so.</summary>
    private void DropFaultThatNeedsMotion()
    {
        if (_egress is not null && _fault is { StrikesEgress: false })
        {
            IngressLog.FaultWithoutMotion(_context.Logger, Id, _fault.Name);
            (_fault, _turnFault) = (null, null);
        }
    }

    private ValueTask WriteSegmentAsync(string requestId, MotionSegment segment, CancellationToken cancellationToken)
    {
        Options.Observer?.MotionMade(Id, AvatarId, requestId, segment.FirstKeyframe, segment.Animation);
        var animation = new ServerResponseAnimation
        {
            ConnectionId = Id,
            ReqId = requestId,
            End = segment.End,
            Animation = segment.Animation,
            AvatarId = AvatarId,
        };
        return _turnFault?.WriteAsync(animation, cancellationToken) ?? SendMotionAsync(animation, cancellationToken);
    }
}
