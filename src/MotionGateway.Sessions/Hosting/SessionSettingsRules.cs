using System.Text;
using MotionGateway.Feeds;
using MotionGateway.MotionServer;
using MotionGateway.OggOpus;
using MotionGateway.Speech;
using MotionGateway.V1;

namespace MotionGateway.Sessions;

/// <summary>What must hold of what a session is opened with.</summary>
internal static class SessionSettingsRules
{
    private const int MaxAvatarIdBytes = 128;
    private const int LeastRate = 8_000;
    private const int HighestRate = 48_000;

    /// <exception cref="GatewayException">A setting is invalid.</exception>
    public static void Validate(SessionSettings settings, SessionLimits limits)
    {
        if (settings.AvatarId.Length == 0 || Encoding.UTF8.GetByteCount(settings.AvatarId) > MaxAvatarIdBytes)
        {
            throw Fault(ErrorReason.InvalidRequest, "open.avatar_id", $"An avatar id of 1 to {MaxAvatarIdBytes} bytes is required.");
        }

        ValidateForm(settings);
        ValidateEgress(settings);
        Require(settings.MaxPayload, TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(250), "open.delivery.max_payload_ms");
        Require(settings.MaxUpstream, TimeSpan.FromMilliseconds(20), TimeSpan.FromSeconds(1), "open.delivery.max_upstream_ms");
        Require(settings.MaxLead, SessionLimits.MinLead, limits.MaxLead, "open.delivery.max_lead_ms");
        Require(settings.MaxMotionWait, TimeSpan.FromMilliseconds(1), limits.MaxMotionWait, "open.delivery.max_motion_wait_ms");
    }

    private static void ValidateEgress(SessionSettings settings)
    {
        if (settings.Egress is null)
        {
            return;
        }

        if (settings.TurnRelease == TurnRelease.AtOnce)
        {
            throw Fault(
                ErrorReason.InvalidRequest, "open.delivery.turn_release",
                "With egress the Motion Server plays one turn at a time: leave it 0, or AFTER_PREVIOUS.");
        }

        if (settings.AudioEncoding != AudioEncoding.PcmS16Le)
        {
            throw Fault(
                ErrorReason.InvalidRequest, "open.delivery.audio_encoding", "With egress there are no audio payloads: leave it 0, or PCM_S16LE.");
        }
    }

    private static void ValidateForm(SessionSettings settings)
    {
        var form = settings.SpeechFormat;
        bool mayBeUnknown = form.Encoding is SpeechEncoding.Wav or SpeechEncoding.OggOpus;
        if (form.SampleRate is < LeastRate or > HighestRate && !(mayBeUnknown && form.SampleRate == 0))
        {
            throw Fault(
                ErrorReason.UnsupportedSampleRate, "open.audio_format.sample_rate",
                $"{form.SampleRate} Hz is not supported: use {LeastRate} to {HighestRate}{(mayBeUnknown ? ", or 0, since headers say it" : "")}.");
        }

        if (form.Channels is not (1 or 2) && !(mayBeUnknown && form.Channels == 0))
        {
            throw Fault(ErrorReason.InvalidRequest, "open.audio_format.channels", "Speech has 1 or 2 channels; 0 means 1.");
        }

        if (!MotionAudioFormat.SupportedSampleRates.Contains(settings.SampleRate))
        {
            throw Fault(
                ErrorReason.UnsupportedSampleRate, "open.delivery.sample_rate",
                $"{settings.SampleRate} Hz is not supported: use one of {string.Join(", ", MotionAudioFormat.SupportedSampleRates)}, or 0.");
        }

        if (settings.AudioEncoding is not (AudioEncoding.PcmS16Le or AudioEncoding.OggOpus))
        {
            throw Fault(ErrorReason.InvalidRequest, "open.delivery.audio_encoding", "Viewers get PCM_S16LE or OGG_OPUS; 0 means PCM_S16LE.");
        }

        bool isOpus = form.Encoding == SpeechEncoding.OggOpus || settings.AudioEncoding == AudioEncoding.OggOpus;
        if (isOpus && settings.SampleRate != OpusSampleRates.Granule)
        {
            throw Fault(
                ErrorReason.UnsupportedSampleRate, "open.delivery.sample_rate",
                $"With Ogg Opus the timeline has {OpusSampleRates.Granule} Hz: use that, or 0.");
        }
    }

    private static void Require(TimeSpan value, TimeSpan least, TimeSpan most, string field)
    {
        if (value < least || value > most)
        {
            throw Fault(
                ErrorReason.InvalidRequest, field,
                $"{value.TotalMilliseconds:0} ms is not within {least.TotalMilliseconds:0} to {most.TotalMilliseconds:0}; 0 means the default.");
        }
    }

    private static GatewayException Fault(ErrorReason reason, string field, string message) => new(reason, message) { Field = field };
}
