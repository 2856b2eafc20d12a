using MotionGateway.V1;

namespace MotionGateway.Cli.Speaking;

/// <summary>What is suspicious about a turn's audio, which was spoken all the same.</summary>
/// <param name="Warning">What programs tell it by.</param>
/// <param name="Text">For people, after "the audio".</param>
internal sealed record AudioRemark(string Warning, string Text)
{
    /// <summary>All that a report tells.</summary>
    public static IReadOnlyList<AudioRemark> Of(TurnReport report)
    {
        List<AudioRemark> remarks = [.. report.AudioWarnings.Select(Of)];
        if (report.DroppedBytes > 0)
        {
            remarks.Add(new("dropped_bytes", $"ends within a sample: its last {report.DroppedBytes} bytes were dropped"));
        }

        return remarks;
    }

    private static AudioRemark Of(AudioWarning warning) => warning switch
    {
        AudioWarning.FullScaleNoise => new("full_scale_noise", "sounds like noise: is the encoding right?"),
        AudioWarning.Silence => new("silence", "is silent throughout: is there a voice in it?"),
        AudioWarning.Clipping => new("clipping", "is clipped: much of it is at the limit of what a sample can be"),
        _ => new("unknown", $"is suspicious in a way that this program does not know, number {(int)warning}"),
    };
}
