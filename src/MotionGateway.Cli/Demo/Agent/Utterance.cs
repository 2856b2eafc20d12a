namespace MotionGateway.Cli.Demo.Agent;

/// <summary>What a viewer has spoken, from its first sound to its end.</summary>
/// <param name="SampleRate">Hertz.</param>
/// <param name="Samples">Mono signed 16-bit little-endian samples; empty where the microphone was silent all the time.</param>
internal sealed record Utterance(int SampleRate, ReadOnlyMemory<byte> Samples)
{
    /// <summary>How long it is.</summary>
    public TimeSpan Duration => TimeSpan.FromSeconds((double)Samples.Length / sizeof(short) / SampleRate);
}
