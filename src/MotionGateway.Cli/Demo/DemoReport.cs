using MotionGateway.Cli.Audio;

namespace MotionGateway.Cli.Demo;

/// <summary>What the demo's viewer saw, compared with what was said.</summary>
internal sealed record DemoReport
{
    private const int KeyframesPerSecond = 25;

    // Less than a sample, and more than what is lost in rounding.
    private const double Tolerance = 0.01;

    public required string SessionId { get; init; }

    public required int Turns { get; init; }

    public required long AudioBytesSent { get; init; }

    /// <summary>As it was delivered.</summary>
    public required long AudioBytesReceived { get; init; }

    /// <summary>How much speech was received, whichever way it was delivered.</summary>
    public required double AudioMs { get; init; }

    public required int MotionMessages { get; init; }

    public required long Keyframes { get; init; }

    public required long ExpectedKeyframes { get; init; }

    public required long LastSequence { get; init; }

    /// <summary>Sequences and declared ranges were contiguous, and each turn's audio and motion without a hole.</summary>
    public required bool Ordered { get; init; }

    /// <summary>From the first speech sent to the first motion at the viewer; null when there was none.</summary>
    public required double? TimeToFirstMotionMs { get; init; }

    public required string Outcome { get; init; }

    public required double ClipMs { get; init; }

    /// <summary>Compares.</summary>
    /// <param name="session">The session, after its end.</param>
    /// <param name="clip">What was said, once.</param>
    public static DemoReport Create(DemoSession session, DemoClip clip) => session.Viewer.Read(totals => new DemoReport
    {
        SessionId = session.SessionId,
        Turns = totals.Turns.Count,
        AudioBytesSent = session.AudioBytesSent,
        AudioBytesReceived = totals.AudioBytes,
        AudioMs = totals.AudioMs,
        MotionMessages = totals.MotionMessages,
        Keyframes = totals.Keyframes,
        ExpectedKeyframes = CountKeyframes(clip.Samples.Length / sizeof(short), clip.SampleRate),
        LastSequence = session.Viewer.Contiguity.LastSequence,
        Ordered = session.Viewer.Contiguity.IsContiguous && totals.IsOrdered,
        TimeToFirstMotionMs = session.Viewer.TimeToFirstMotionMs is { } ms ? Math.Round(ms, 1) : null,
        Outcome = (totals.Turns[^1].Ended?.Outcome ?? default).ToString().ToLowerInvariant(),
        ClipMs = clip.Duration.TotalMilliseconds,
    });

    /// <summary>Keyframes of a turn of so many samples.</summary>
    public static long CountKeyframes(long samples, int sampleRate) => Math.Max(1, samples * KeyframesPerSecond / sampleRate);

    /// <summary>Everything that is not as it must be; empty when all is well.</summary>
    public IEnumerable<string> FindProblems()
    {
        if (Math.Abs(AudioMs - ClipMs) > Tolerance)
        {
            yield return $"{ClipMs} ms of audio were said and {AudioMs} received";
        }

        if (Keyframes != ExpectedKeyframes)
        {
            yield return $"{ExpectedKeyframes} keyframes were expected and {Keyframes} received";
        }

        if (!Ordered)
        {
            yield return "the viewer's feed was not in order";
        }
    }
}
