using MotionGateway.OggOpus;

namespace MotionGateway.Cli.Audio;

/// <summary>Time by the pages of an Ogg Opus stream: that of a page counts when all of it has been sent.</summary>
internal sealed class OpusClock : ISpeechClock
{
    private readonly OggOpusReader _reader = new();
    private bool _isBroken;

    // 32 kbit/s, by which the gateway counts its credit too.
    public int BytesPerSecond => 4000;

    public TimeSpan Sent => TimeSpan.FromSeconds((double)_reader.DurationSamples / OpusSampleRates.Granule);

    public void Add(ReadOnlySpan<byte> sent)
    {
        try
        {
            while (!_isBroken && _reader.TryRead(ref sent, out _))
            {
            }
        }
        catch (OggOpusException)
        {
            // The gateway says what is wrong with the stream; until then it is sent without waiting.
            _isBroken = true;
        }
    }
}
