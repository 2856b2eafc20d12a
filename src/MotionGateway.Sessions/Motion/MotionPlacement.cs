using MotionGateway.MotionServer;

namespace MotionGateway.Sessions;

/// <summary>
/// Where motion that comes belongs. The Motion Server numbers nothing: a keyframe's place is the count of those of its request before it.
/// </summary>
internal sealed class MotionPlacement(CoreContext context, MotionPace pace)
{
    // Far beyond what a message can hold: a keyframe has 498 bytes.
    private const int MaxBytesPerKeyframe = 4096;
    private const int MaxBytesPerMessage = 65_536;

    // One for each keyframe of the message at hand.
    private readonly List<ulong> _hashes = [];

    private int SamplesPerKeyframe => context.Settings.SamplesPerKeyframe;

    /// <summary>Counts a message's keyframes to their place, and stages those that were not there.</summary>
    /// <returns>False when it is no message of motion.</returns>
    public bool TryTake(MotionRequest request, MotionMessage message)
    {
        _hashes.Clear();
        int count = message.KeyframeCount;
        if (count == 0)
        {
            return true;
        }

        if (!MotionEnvelope.TryHashKeyframes(message.Envelope.Span, _hashes) || _hashes.Count != count
            || message.Envelope.Length > MostBytes(count))
        {
            return false;
        }

        if (IsRepetition(request))
        {
            return true;
        }

        request.LatestKeyframes.Clear();
        request.LatestKeyframes.AddRange(_hashes);
        long place = request.FirstKeyframe + request.KeyframesSeen;
        request.KeyframesSeen += count;
        Stage(request, message, place, count);
        return true;
    }

    /// <summary>Whether more keyframes have come than the speech that was sent can give: something came twice.</summary>
    public bool IsBeyond(MotionRequest request) => request.KeyframesSeen > MostKeyframes(request);

    /// <summary>Keyframes that the speech that was sent can give.</summary>
    public long MostKeyframes(MotionRequest request) =>
        (request.SentThrough / SamplesPerKeyframe) + Math.Max(1, context.Limits.KeyframeTolerance) - request.FirstKeyframe;

    /// <summary>Bytes that so many keyframes can have.</summary>
    public static long MostBytes(long keyframes) => (keyframes * MaxBytesPerKeyframe) + MaxBytesPerMessage;

    private void Stage(MotionRequest request, MotionMessage message, long place, int count)
    {
        var turn = request.Turn;
        var motion = turn.Motion;
        int skip = (int)Math.Clamp(motion.Keyframes - place, 0, count);
        Compare(motion, place, skip);
        motion.Proof = motion.Proof?.Through <= place + count ? null : motion.Proof;
        long end = Math.Min(request.EndKeyframe, turn.IsComplete ? context.Settings.KeyframesDue(turn.Samples) : long.MaxValue);
        int take = (int)Math.Clamp(end - (place + skip), 0, count - skip);
        if (take == 0)
        {
            return;
        }

        if (motion.RequestId.Length == 0)
        {
            (motion.RequestId, motion.ConnectionId) = (message.RequestId, message.ConnectionId);
        }

        turn.Times.FirstMotion ??= context.Now;
        pace.Arrived(turn, place + skip);
        bool isLast = message.End && request.EndKeyframe == long.MaxValue && turn.IsComplete
            && place + skip + take + context.Limits.KeyframeTolerance >= end;
        bool isAsItCame = !motion.IsSpliced && skip == 0 && take == count && message.End == isLast;
        var envelope = isAsItCame
            ? message.Envelope.Span
            : MotionEnvelope.Rewrite(message.Envelope.Span, motion.ConnectionId, motion.RequestId, isLast, skip, take);
        motion.Staged.Add(place + skip, take, isLast, envelope);
        if (motion.Hashes.Count == motion.Keyframes)
        {
            motion.Hashes.AddRange(_hashes[skip..(skip + take)]);
        }

        motion.Keyframes += take;
        motion.LostAt = null;
    }

    // What is asked for again to prove what is there must be the same.
    private void Compare(TurnMotion motion, long place, int count)
    {
        for (int i = 0; i < count; i++)
        {
            long at = place + i;
            motion.IsUnproven |= at < motion.Hashes.Count && motion.Hashes[(int)at] != _hashes[i];
        }
    }

    // The same motion twice in a row is one message that came twice, unless its speech is the same twice in a row, or the face stands
    // still: then it will be seen by the count.
    private bool IsRepetition(MotionRequest request)
    {
        if (!_hashes.SequenceEqual(request.LatestKeyframes))
        {
            return false;
        }

        long second = (request.FirstKeyframe + request.KeyframesSeen) * SamplesPerKeyframe;
        long length = (long)_hashes.Count * SamplesPerKeyframe;
        bool mayFollow = _hashes.TrueForAll(hash => hash == _hashes[0])
            || request.Turn.Speech.Kept.AreSame(second - length, second, length);
        request.MayRepeat |= mayFollow;
        return !mayFollow;
    }
}
