namespace MotionGateway.Speech;

/// <summary>What the identification header of an Ogg Opus stream of one or two channels tells.</summary>
/// <param name="PreSkip">Samples at 48 kHz that a decoder drops from the start.</param>
/// <param name="InputSampleRate">Hertz of what was encoded, for information; 0 when unknown.</param>
/// <param name="Channels">1 or 2.</param>
/// <param name="OutputGain">What a decoder amplifies by, in 1/256 dB.</param>
public sealed record OpusStreamInfo(int PreSkip, uint InputSampleRate, int Channels, int OutputGain)
{
    /// <summary>Whether the stream's packets may be passed on untouched: mono, and as loud as they are.</summary>
    public bool CanPassThrough => Channels == 1 && OutputGain == 0;
}
