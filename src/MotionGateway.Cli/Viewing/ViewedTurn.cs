using MotionGateway.V1;

namespace MotionGateway.Cli.Viewing;

/// <summary>One turn as a viewer received it.</summary>
internal sealed class ViewedTurn(string id)
{
    private long _samples;

    /// <summary>Its id.</summary>
    public string Id { get; } = id;

    /// <summary>Hertz; 0 before the turn's start was seen.</summary>
    public int SampleRate { get; private set; }

    /// <summary>Bytes of speech.</summary>
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
    public double AudioMs => SampleRate == 0 ? 0 : _samples * 1000d / SampleRate;

    /// <summary>Counts a payload of this turn.</summary>
    public void Add(Payload payload)
    {
        switch (payload.ContentCase)
        {
            case Payload.ContentOneofCase.TurnStarted:
                SampleRate = payload.TurnStarted.SampleRate;
                break;
            case Payload.ContentOneofCase.Audio:
                var audio = payload.Audio;
                IsOrdered &= audio.FirstSample == _samples && audio.Data.Length == audio.SampleCount * sizeof(short);
                _samples += audio.SampleCount;
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
                IsOrdered &= Sealed.SampleCount == _samples && Sealed.KeyframeCount == Keyframes;
                break;
            case Payload.ContentOneofCase.TurnEnded:
                Ended = payload.TurnEnded;
                break;
            default:
                break;
        }
    }
}
