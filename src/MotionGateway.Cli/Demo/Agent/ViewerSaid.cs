namespace MotionGateway.Cli.Demo.Agent;

/// <summary>What a viewer said, and wants an answer to.</summary>
/// <param name="Text">As it was typed; null where it was spoken.</param>
/// <param name="Spoken">As it was spoken; null where it was typed.</param>
internal sealed record ViewerSaid(string? Text, Utterance? Spoken)
{
    /// <summary>A microphone was on, and nothing was said.</summary>
    public bool IsNothing => Spoken is { Samples.IsEmpty: true };
}
