using System.Security.Cryptography;
using System.Text;
using MotionGateway.Feeds;
using MotionGateway.MotionServer;
using MotionGateway.Sessions;
using MotionGateway.V1;

namespace MotionGateway.Gateway;

/// <summary>Checks requests and turns messages into what the domain takes, and back.</summary>
internal static class Requests
{
    public const int MaxReasonBytes = 128;
    public const int MaxKindBytes = 64;
    public const int MaxTextBytes = 16 * 1024;
    public const int MaxIdBytes = 64;
    public const int MaxMicrophoneBytes = 64 * 1024;

    private const int MaxLabels = 16;
    private const int MaxLabelBytes = 256;

    /// <summary>Makes up an id for what its caller did not name.</summary>
    public static string CreateId(string kind) => $"{kind}-{RandomNumberGenerator.GetHexString(12, lowercase: true)}";

    public static GatewayException Invalid(string field, string message) =>
        new(ErrorReason.InvalidRequest, message) { Field = field };

    public static void ValidateText(string field, string text, int maxBytes)
    {
        if (Encoding.UTF8.GetByteCount(text) > maxBytes)
        {
            throw Invalid(field, $"At most {maxBytes} bytes are taken: shorten it.");
        }
    }

    public static void ValidateTurnId(string field, string id)
    {
        if (id.Length > MaxIdBytes || !id.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.'))
        {
            throw Invalid(field, $"An id has at most {MaxIdBytes} letters, digits and _ - . characters.");
        }
    }

    public static SessionSettings ToSettings(OpenSession open)
    {
        var delivery = open.Delivery ?? new Delivery();
        if (delivery.MaxLeadMs < 0)
        {
            throw Invalid("open.delivery.max_lead_ms", "The lead must not be negative: 0 means no bound.");
        }

        ValidateText("open.app", open.App, MaxIdBytes);
        if (open.Labels.Count > MaxLabels)
        {
            throw Invalid("open.labels", $"At most {MaxLabels} labels are taken.");
        }

        foreach (var (key, value) in open.Labels)
        {
            ValidateText("open.labels", key, MaxKindBytes);
            ValidateText("open.labels", value, MaxLabelBytes);
        }

        return new SessionSettings
        {
            AvatarId = open.AvatarId,
            SampleRate = open.AudioFormat?.SampleRate ?? throw Invalid(
                "open.audio_format", "The audio format is required: set its sample_rate."),
            App = open.App,
            AudioRelease = Default(delivery.AudioRelease, AudioRelease.AtOnce, "open.delivery.audio_release"),
            TurnRelease = Default(delivery.TurnRelease, TurnRelease.AfterPrevious, "open.delivery.turn_release"),
            MaxLead = TimeSpan.FromMilliseconds(delivery.MaxLeadMs),
            Labels = open.Labels.ToDictionary(),
        };
    }

    public static Limits ToLimits(Sessions.Session session, GatewayOptions options) => new()
    {
        AudioCreditBytes = session.Limits.CreditBytesAt(session.Settings.SampleRate),
        MaxChunkBytes = session.Limits.MaxChunkBytes,
        MaxTurnMs = (long)session.Limits.MaxTurn.TotalMilliseconds,
        LogBytes = session.Limits.Log.MaxBytes,
        LogMs = (long)session.Limits.Log.Retention.TotalMilliseconds,
        ResumeWindowMs = (long)session.Limits.ResumeWindow.TotalMilliseconds,
        IdleTimeoutMs = (long)session.Limits.IdleTimeout.TotalMilliseconds,
        MaxReaders = session.Limits.Log.MaxReaders,
        ReaderWindowBytes = session.Limits.ReaderWindowBytes,
        HeartbeatIntervalMs = (int)options.HeartbeatInterval.TotalMilliseconds,
        MaxWaitingTurns = session.Limits.MaxWaitingTurns,
    };

    public static InterruptAcknowledged ToMessage(InterruptResult result) => new()
    {
        TurnId = result.TurnId,
        AlreadyEnded = result.AlreadyEnded,
        Discarded = result.Discarded is { } span ? new SequenceRange { From = span.From, Through = span.Through } : null,
        PlayedSamples = result.PlayedSamples,
        FurtherTurnIds = { result.FurtherTurnIds },
    };

    public static void Validate(ViewerEvent viewerEvent)
    {
        ValidateText("viewer_event.viewer_id", viewerEvent.ViewerId, MaxIdBytes);
        switch (viewerEvent.EventCase)
        {
            case ViewerEvent.EventOneofCase.MicrophoneAudio:
                ValidateMicrophone(viewerEvent.MicrophoneAudio);
                break;
            case ViewerEvent.EventOneofCase.Text:
                ValidateText("viewer_event.text", viewerEvent.Text, MaxTextBytes);
                break;
            case ViewerEvent.EventOneofCase.Interrupt:
                ValidateText("viewer_event.interrupt.reason", viewerEvent.Interrupt.Reason, MaxReasonBytes);
                break;
            case ViewerEvent.EventOneofCase.Playback:
                break;
            default:
                throw Invalid("viewer_event.event", "The viewer event is empty, or of a kind that is not known here.");
        }
    }

    private static void ValidateMicrophone(MicrophoneAudio audio)
    {
        if (audio.Data.Length > MaxMicrophoneBytes)
        {
            throw Invalid("viewer_event.microphone_audio.data", $"At most {MaxMicrophoneBytes} bytes are taken: send it in parts.");
        }

        if (!MotionAudioFormat.SupportedSampleRates.Contains(audio.SampleRate))
        {
            throw Invalid(
                "viewer_event.microphone_audio.sample_rate",
                $"Use one of {string.Join(", ", MotionAudioFormat.SupportedSampleRates)} Hz.");
        }
    }

    private static T Default<T>(T value, T whenUnspecified, string field)
        where T : struct, Enum =>
        EqualityComparer<T>.Default.Equals(value, default) ? whenUnspecified
        : Enum.IsDefined(value) ? value
        : throw Invalid(field, $"{value} is none of {string.Join(", ", Enum.GetNames<T>().Skip(1))}.");
}
