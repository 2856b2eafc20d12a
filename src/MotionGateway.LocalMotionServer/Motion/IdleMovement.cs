namespace MotionGateway.LocalMotion.Motion;

/// <summary>
/// Blinks, glances and the head's slow sway. All of it is a function of the keyframe's index alone, so that equal audio gives
/// equal motion whatever the clock says.
/// </summary>
internal static class IdleMovement
{
    // One blink and one glance in each slot of 4 s.
    private const int SlotKeyframes = 100;
    private static readonly float[] BlinkShape = [0.45f, 1f, 0.9f, 0.5f, 0.15f];

    /// <summary>How far the lids are shut: 0 open, 1 shut.</summary>
    public static float Lids(long keyframe)
    {
        (long slot, int position) = Locate(keyframe);
        // A blink never begins in a slot's first 8 or last 12 keyframes: it cannot be cut, and speech does not begin with one.
        int begin = 8 + (int)(Scatter(slot, 1) % 80);
        int phase = position - begin;
        return phase >= 0 && phase < BlinkShape.Length ? BlinkShape[phase] : 0;
    }

    /// <summary>Where the eyes look, in radians: pitch and yaw, the same for both.</summary>
    public static (float Pitch, float Yaw) Gaze(long keyframe)
    {
        (long slot, int position) = Locate(keyframe);
        int change = 20 + (int)(Scatter(slot, 2) % 60);
        long glance = position < change ? slot - 1 : slot;
        return (Spread(glance, 3) * 0.02f, Spread(glance, 4) * 0.05f);
    }

    /// <summary>The neck's sway, in radians: pitch, yaw and roll.</summary>
    public static (float Pitch, float Yaw, float Roll) Sway(long keyframe)
    {
        double seconds = (double)keyframe / MotionTimeline.KeyframesPerSecond;
        return (
            (float)(0.015 * Math.Sin(2 * Math.PI * 0.21 * seconds)),
            (float)(0.025 * Math.Sin(2 * Math.PI * 0.13 * seconds)),
            (float)(0.010 * Math.Sin(2 * Math.PI * 0.09 * seconds)));
    }

    private static (long Slot, int Position) Locate(long keyframe) => (keyframe / SlotKeyframes, (int)(keyframe % SlotKeyframes));

    private static float Spread(long slot, uint salt) => (Scatter(slot, salt) % 2001 / 1000f) - 1f;

    /// <summary>A fixed pseudo-random number for a slot (the finalizer of SplitMix64).</summary>
    private static uint Scatter(long slot, uint salt)
    {
        ulong value = unchecked(((ulong)slot * 0x9E3779B97F4A7C15UL) + (salt * 0xD1B54A32D192ED03UL));
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
        return (uint)((value ^ (value >> 31)) >> 32);
    }
}
