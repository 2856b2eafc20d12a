using MotionGateway.V1;

namespace MotionGateway.Cli.Viewing;

/// <summary>One turn as a viewer received it.</summary>
internal sealed class ViewedTurn(string id)
{
    private AudioEncoding _encoding = AudioEncoding.PcmS16Le;

    /// <summary>Its id.</summary>
    public string Id { get; } = id;

    /// <summary>Hertz; 0 before the turn's start was seen.</summary>
    public int SampleRate { get; private set; }

    /// <summary>Samples of speech.</summary>
    public long Samples { get; private set; }

    /// <summary>Bytes of speech, as it is delivered.</summary>
    public long AudioBytes { get; private set; }

    /// <summary>Payloads of speech.</summary>
    public int AudioMessages { get; private set; }

    /// <summary>Payloads of motion.</summary>
    public int MotionMessages { get; private set; }

    /// <summary>Keyframes.</summary>
    public long Keyframes { get; private set; }

    /// <summary>The seal; null before it came.</summary>
    public TurnSealed? Sealed { get; private set; }

    /// <summary>The end; null before it came.</summary>
    public TurnEnded? Ended { get; private set; }

    /// <summary>Whether its audio and motion came without a hole or an overlap, and the seal tells what came.</summary>
    public bool IsOrdered { get; private set; } = true;

    /// <summary>Milliseconds of speech received.</summary>
    public double AudioMs => SampleRate == 0 ? 0 : Samples * 1000d / SampleRate;

    /// <summary>Counts a payload of this turn.</summary>
    public void Add(Payload payload)
    {
        switch (payload.ContentCase)
        {
            case Payload.ContentOneofCase.TurnStarted:
                SampleRate = payload.TurnStarted.SampleRate;
                _encoding = payload.TurnStarted.AudioEncoding;
                break;
            case Payload.ContentOneofCase.Audio:
                var audio = payload.Audio;
                IsOrdered &= audio.FirstSample == Samples && IsWhole(audio);
                Samples += audio.SampleCount;
                AudioBytes += audio.Data.Length;
                AudioMessages++;
                break;
            case Payload.ContentOneofCase.Motion:
                var motion = payload.Motion;
                IsOrdered &= motion.FirstKeyframe == Keyframes && motion.KeyframeCount > 0;
                Keyframes += motion.KeyframeCount;
                MotionMessages++;
                break;
            case Payload.ContentOneofCase.TurnSealed:
                Sealed = payload.TurnSealed;
                IsOrdered &= Sealed.SampleCount == Samples && Sealed.KeyframeCount == Keyframes;
                break;
            case Payload.ContentOneofCase.TurnEnded:
                Ended = payload.TurnEnded;
                break;
            default:
                break;
        }
    }

    // Of Opus only whole pages are seen without a codec.
    private bool IsWhole(V1.Audio audio) => _encoding == AudioEncoding.OggOpus
        ? audio.Data.Length == 0 ? audio.SampleCount == 0 : audio.Data.Span.StartsWith("OggS"u8)
        : audio.Data.Length == audio.SampleCount * sizeof(short);
}
