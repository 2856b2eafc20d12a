namespace MotionGateway.LocalMotion.Motion;

/// <summary>The arithmetic between samples, keyframes and time.</summary>
internal static class MotionTimeline
{
    /// <summary>Keyframes a second, as the real service makes them.</summary>
    public const int KeyframesPerSecond = 25;

    public const long TicksPerKeyframe = TimeSpan.TicksPerSecond / KeyframesPerSecond;

    /// <summary>The rates that the service takes, in hertz. 25 divides each.</summary>
    public static readonly IReadOnlyList<int> SampleRates = [8000, 16000, 22050, 24000, 32000, 44100, 48000];

    public static int SamplesPerKeyframe(int sampleRate) => sampleRate / KeyframesPerSecond;

    public static TimeSpan TimeOf(long keyframes) => TimeSpan.FromTicks(keyframes * TicksPerKeyframe);

    public static int KeyframesIn(TimeSpan duration) => (int)(duration.Ticks / TicksPerKeyframe);
}
