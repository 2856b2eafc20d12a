using MotionGateway.Speech;
using MotionGateway.V1;

namespace MotionGateway.Sessions;

/// <summary>What a session was opened with, as it is told: with every default filled in.</summary>
public static class SessionSettingsMessages
{
    /// <summary>The form of speech that is taken.</summary>
    /// <param name="settings">The session's.</param>
    public static AudioFormat ToAudioFormat(this SessionSettings settings) => new()
    {
        SampleRate = settings.SpeechFormat.SampleRate,
        Channels = settings.SpeechFormat.Channels,
        Encoding = settings.SpeechFormat.Encoding switch
        {
            SpeechEncoding.PcmF32Le => AudioEncoding.PcmF32Le,
            SpeechEncoding.MuLaw => AudioEncoding.Mulaw,
            SpeechEncoding.ALaw => AudioEncoding.Alaw,
            SpeechEncoding.Wav => AudioEncoding.Wav,
            SpeechEncoding.OggOpus => AudioEncoding.OggOpus,
            _ => AudioEncoding.PcmS16Le,
        },
    };

    /// <summary>How payloads reach viewers.</summary>
    /// <param name="settings">The session's.</param>
    public static Delivery ToDelivery(this SessionSettings settings) => new()
    {
        AudioRelease = settings.AudioRelease,
        TurnRelease = settings.TurnRelease,
        MaxLeadMs = (int)settings.MaxLead.TotalMilliseconds,
        MaxMotionWaitMs = (int)settings.MaxMotionWait.TotalMilliseconds,
        CreditPolicy = settings.RefuseBeyondCredit ? CreditPolicy.Refuse : CreditPolicy.Wait,
        AudioEncoding = settings.AudioEncoding,
        SampleRate = settings.SampleRate,
        MaxPayloadMs = (int)settings.MaxPayload.TotalMilliseconds,
        MaxUpstreamMs = (int)settings.MaxUpstream.TotalMilliseconds,
    };

    /// <summary>What is suspicious about a turn's audio, as it is told.</summary>
    internal static IEnumerable<AudioWarning> ToMessages(this SpeechWarnings warnings)
    {
        if (warnings.HasFlag(SpeechWarnings.FullScaleNoise))
        {
            yield return AudioWarning.FullScaleNoise;
        }

        if (warnings.HasFlag(SpeechWarnings.Silence))
        {
            yield return AudioWarning.Silence;
        }

        if (warnings.HasFlag(SpeechWarnings.Clipping))
        {
            yield return AudioWarning.Clipping;
        }
    }
}
