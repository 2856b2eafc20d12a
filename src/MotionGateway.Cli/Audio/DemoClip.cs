namespace MotionGateway.Cli.Audio;

/// <summary>The speech that comes with the program.</summary>
/// <param name="Name">What people call it.</param>
/// <param name="SampleRate">Hertz.</param>
/// <param name="Samples">Mono signed 16-bit little-endian samples.</param>
internal sealed record DemoClip(string Name, int SampleRate, ReadOnlyMemory<byte> Samples)
{
    private const string ResourceName = "welcome.wav";

    /// <summary>How long it is heard.</summary>
    public TimeSpan Duration => TimeSpan.FromSeconds((double)Samples.Length / sizeof(short) / SampleRate);

    /// <summary>Loads it from the program.</summary>
    public static async Task<DemoClip> LoadAsync(CancellationToken cancellationToken)
    {
        await using var stream = typeof(DemoClip).Assembly.GetManifestResourceStream(ResourceName)!;
        var speech = await SpeechInput.OpenAsync(stream, ResourceName, null, cancellationToken);
        return new DemoClip(ResourceName, speech.SampleRate, await speech.DecodeAsync(speech.SampleRate, ResourceName, cancellationToken));
    }
}
