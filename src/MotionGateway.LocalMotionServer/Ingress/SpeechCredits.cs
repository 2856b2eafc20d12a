using MotionGateway.LocalMotion.Motion;

namespace MotionGateway.LocalMotion.Ingress;

/// <summary>The account that all connections of a server draw on, in media time. Without a limit it never runs out.</summary>
internal sealed class SpeechCredits(TimeSpan? credits)
{
    private long _keyframesLeft = credits is { } limit ? limit.Ticks / MotionTimeline.TicksPerKeyframe : long.MaxValue;

    public bool AreExhausted => Interlocked.Read(ref _keyframesLeft) <= 0;

    /// <summary>Pays for motion; false when what is left is too little, and then nothing is left.</summary>
    public bool TrySpend(int keyframes)
    {
        if (credits is null)
        {
            return true;
        }

        if (Interlocked.Add(ref _keyframesLeft, -keyframes) >= 0)
        {
            return true;
        }

        Interlocked.Exchange(ref _keyframesLeft, 0);
        return false;
    }
}
