using MotionGateway.MotionServer;

namespace MotionGateway.Sessions;

/// <summary>
/// Motion of a turn's current request that came before the last of the one that was cut: it waits, in its order. There is no more of
/// it than the request's speech gives, nor is it larger than that much motion can be.
/// </summary>
internal sealed class MotionAhead
{
    private readonly Queue<(MotionRequest Request, MotionMessage Message)> _messages = new();
    private long _keyframes;

    /// <summary>Bytes that wait.</summary>
    public long Bytes { get; private set; }

    /// <summary>Keeps a copy of a message.</summary>
    /// <param name="request">The request that it answers.</param>
    /// <param name="message">The message.</param>
    /// <param name="mostKeyframes">Keyframes that the request's speech can give so far.</param>
    /// <returns>False when there is more than can be: it is not kept.</returns>
    public bool TryAdd(MotionRequest request, MotionMessage message, long mostKeyframes)
    {
        if (message is { KeyframeCount: 0, End: false })
        {
            return true;
        }

        long keyframes = _keyframes + message.KeyframeCount;
        long bytes = Bytes + message.Envelope.Length;
        if (keyframes > mostKeyframes || bytes > MotionPlacement.MostBytes(keyframes))
        {
            return false;
        }

        (_keyframes, Bytes) = (keyframes, bytes);
        _messages.Enqueue((request, new MotionMessage(
            message.ConnectionId, message.RequestId, message.AvatarId, message.End, message.KeyframeCount, message.Envelope.ToArray())));
        return true;
    }

    /// <summary>Takes the first message; false when there is none.</summary>
    public bool TryTake(out (MotionRequest Request, MotionMessage Message) ahead)
    {
        bool isThere = _messages.TryDequeue(out ahead);
        if (isThere)
        {
            _keyframes -= ahead.Message.KeyframeCount;
            Bytes -= ahead.Message.Envelope.Length;
        }

        return isThere;
    }

    /// <summary>Nothing of it is wanted any more.</summary>
    public void Clear()
    {
        _messages.Clear();
        (_keyframes, Bytes) = (0, 0);
    }
}
