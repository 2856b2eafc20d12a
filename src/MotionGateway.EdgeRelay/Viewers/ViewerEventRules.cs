using System.Text;
using MotionGateway.Feeds;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>What a viewer may send to the speaker, by the bounds of the protos and the permissions of its token.</summary>
internal static class ViewerEventRules
{
    private const int MaxTextBytes = 16384;
    private const int MaxMicrophoneBytes = 65536;
    private const int MaxReasonBytes = 128;
    private const int MaxTurnIdBytes = 64;
    private static readonly int[] SampleRates = [8000, 16000, 22050, 24000, 32000, 44100, 48000];

    /// <exception cref="GatewayException">The event is not valid or not permitted.</exception>
    public static void Check(ViewerEvent viewerEvent, ViewerPermissions permissions)
    {
        switch (viewerEvent.EventCase)
        {
            case ViewerEvent.EventOneofCase.Text:
                Permit(permissions, ViewerPermissions.Talk, "viewer_event.text");
                Require(Fits(viewerEvent.Text, MaxTextBytes), "viewer_event.text", $"A text has at most {MaxTextBytes} bytes.");
                break;
            case ViewerEvent.EventOneofCase.MicrophoneAudio:
                Permit(permissions, ViewerPermissions.Talk, "viewer_event.microphone_audio");
                CheckMicrophone(viewerEvent.MicrophoneAudio);
                break;
            case ViewerEvent.EventOneofCase.Interrupt:
                Permit(permissions, ViewerPermissions.Interrupt, "viewer_event.interrupt");
                RequireTurnId(viewerEvent.Interrupt.TurnId, "viewer_event.interrupt.turn_id");
                Require(Fits(viewerEvent.Interrupt.Reason, MaxReasonBytes), "viewer_event.interrupt.reason",
                    $"A reason has at most {MaxReasonBytes} bytes.");
                break;
            case ViewerEvent.EventOneofCase.Playback:
                Permit(permissions, ViewerPermissions.Talk, "viewer_event.playback");
                RequireTurnId(viewerEvent.Playback.TurnId, "viewer_event.playback.turn_id");
                Require(viewerEvent.Playback.PlayedSamples >= 0, "viewer_event.playback.played_samples", "Samples are counted from 0.");
                break;
            default:
                throw Invalid("viewer_event", "The event is empty.");
        }
    }

    private static void CheckMicrophone(MicrophoneAudio audio)
    {
        Require(SampleRates.Contains(audio.SampleRate), "viewer_event.microphone_audio.sample_rate",
            $"The sample rate is one of {string.Join(", ", SampleRates)} Hz.");
        Require(audio.Data.Length is > 0 and <= MaxMicrophoneBytes && audio.Data.Length % sizeof(short) == 0,
            "viewer_event.microphone_audio.data", $"Audio has whole 16-bit samples, 2 to {MaxMicrophoneBytes} bytes.");
    }

    private static bool Fits(string text, int maxBytes) => Encoding.UTF8.GetByteCount(text) <= maxBytes;

    private static void RequireTurnId(string turnId, string field) =>
        Require(Fits(turnId, MaxTurnIdBytes), field, $"A turn id has at most {MaxTurnIdBytes} bytes.");

    private static void Permit(ViewerPermissions granted, ViewerPermissions needed, string field)
    {
        if (!granted.HasFlag(needed))
        {
            throw new GatewayException(ErrorReason.NotPermitted, $"The viewer token does not permit {field}.") { Field = field };
        }
    }

    private static void Require(bool condition, string field, string rule)
    {
        if (!condition)
        {
            throw Invalid(field, rule);
        }
    }

    private static GatewayException Invalid(string field, string rule) => new(ErrorReason.InvalidRequest, rule) { Field = field };
}
