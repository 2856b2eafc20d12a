using MotionGateway.LocalMotion.Motion;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Ingress;

/// <summary>The way of motion out of a connection: what it costs, what a fault makes of it, and whether it is sent or published.</summary>
internal sealed partial class IngressConnection
{
    public ValueTask SendMotionAsync(ServerResponseAnimation animation, CancellationToken cancellationToken)
    {
        var message = new Message { Type = MessageType.MessageServerResponseAnimation, ServerResponseAnimation = animation };
        return TryPublish(animation.ReqId, animation.Animation.Keyframes.Count) ? ValueTask.CompletedTask : _sender.SendAsync(message, cancellationToken);
    }

    /// <summary>Sends motion in bytes that a fault has made of it.</summary>
    /// <param name="requestId">The request that it is for.</param>
    /// <param name="keyframes">Keyframes that can be read in it.</param>
    /// <param name="message">The whole envelope.</param>
    /// <param name="cancellationToken">Gives up the wait for room in the queue.</param>
    public ValueTask SendRawMotionAsync(string requestId, int keyframes, ReadOnlyMemory<byte> message, CancellationToken cancellationToken) =>
        TryPublish(requestId, keyframes) ? ValueTask.CompletedTask : _sender.SendRawAsync(message, cancellationToken);

    /// <summary>Counts motion. True: it was published, because with egress none comes back over the WebSocket.</summary>
    private bool TryPublish(string requestId, int keyframes)
    {
        Touch();
        if (_egress is null)
        {
            _context.Counters.AnimationSent(keyframes);
            return false;
        }

        _egress.Publish(requestId, keyframes);
        return true;
    }

    private void OnStarted(string requestId)
    {
        Interlocked.Increment(ref _requests);
        _egress?.Expect(requestId);
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
