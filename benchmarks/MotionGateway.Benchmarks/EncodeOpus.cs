namespace MotionGateway.Benchmarks;

/// <summary>A second of speech to Ogg Opus, at the encoder's own complexity or another.</summary>
/// <param name="name">Name on the command line.</param>
/// <param name="complexity">0 to 10; null for the codec's own choice.</param>
internal sealed class EncodeOpus(string name, int? complexity) : IComparison
{
    private readonly Lazy<SpeechForms> _speech = new(() => new());

    public string Name => name;

    public string Description => $"encode 1 s of 48 kHz speech as Ogg Opus, complexity {complexity?.ToString() ?? "of the codec"}; peer: PCM passed on";

    public int Operations => SpeechForms.Seconds;

    public void RunSubject() => _speech.Value.Encode(complexity);

    public void RunPeer() => _speech.Value.PassPcm();
}
