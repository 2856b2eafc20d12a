namespace MotionGateway.Benchmarks;

/// <summary>A second of Ogg Opus passed on in pages remade, and decoded for the Motion Server.</summary>
internal sealed class PassThrough : IComparison
{
    private readonly Lazy<SpeechForms> _speech = new(() => new());

    public string Name => "pass-through";

    public string Description => "pass 1 s of Ogg Opus on and decode it; peer: encoding PCM at complexity 5";

    public int Operations => SpeechForms.Seconds;

    public void RunSubject() => _speech.Value.PassThrough();

    public void RunPeer() => _speech.Value.Encode(complexity: 5);
}
