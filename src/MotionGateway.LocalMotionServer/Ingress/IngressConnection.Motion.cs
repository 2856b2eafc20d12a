using Google.Protobuf;
using MotionGateway.LocalMotion.Motion;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Ingress;

/// <summary>The way of motion out of a connection: what it costs, what a fault makes of it, and whether it is sent or published.</summary>
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

    private void OnStarted(string requestId)
    {
        Interlocked.Increment(ref _requests);
        _egress?.Expect(requestId);
    }

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
        if (!_context.Credits.TrySpend(segment.Animation.Keyframes.Count))
        {
            return EndAsync(Ending.With(Refusals.CreditsExhausted, Refusals.CreditsExhausted, Refusals.NoCredits, requestId));
        }

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
