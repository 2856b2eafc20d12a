namespace MotionGateway.Speech;

/// <summary>One Opus packet and its place on the 48 kHz timeline of its turn. The bytes are the packet's own: they stay.</summary>
/// <param name="Data">The packet.</param>
/// <param name="FirstSample">Where what is heard of it begins, from the turn's first heard sample; consecutive packets touch.</param>
/// <param name="SampleCount">Samples heard of it; 0 within the pre-skip, and behind a trimmed end.</param>
/// <param name="DurationSamples">Samples that it decodes to, 120 to 5760.</param>
/// <param name="GranulePosition">Granule position of an Ogg page that ends with it: pre-skip included, the trimmed end not.</param>
public readonly record struct SpeechPacket(
    ReadOnlyMemory<byte> Data, long FirstSample, int SampleCount, int DurationSamples, long GranulePosition);
