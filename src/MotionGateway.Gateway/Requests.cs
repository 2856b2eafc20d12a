using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using MotionGateway.Feeds;
using MotionGateway.MotionServer;
using MotionGateway.Protocol;
using MotionGateway.Sessions;
using MotionGateway.V1;

namespace MotionGateway.Gateway;

/// <summary>Checks requests and turns messages into what the domain takes, and back.</summary>
internal static class Requests
{
    public const int MaxReasonBytes = 128;
    public const int MaxKindBytes = 64;
    public const int MaxTextBytes = 16 * 1024;
    public const int MaxNameBytes = 64;
    public const int MaxMicrophoneBytes = 64 * 1024;

    private static readonly SearchValues<char> _nameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.");

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

    /// <summary>Whether a text can name a turn; an empty one names none.</summary>
    public static bool IsName(string id) =>
        id.Length <= MaxNameBytes && !id.AsSpan().ContainsAnyExcept(_nameCharacters);

    public static void ValidateName(string field, string id)
    {
        if (!IsName(id))
        {
            throw Invalid(field, $"A turn's id has at most {MaxNameBytes} letters, digits and _ - . characters.");
        }
    }

    public static T ValidateEnum<T>(string field, T value)
        where T : struct, Enum => Enum.IsDefined(value)
        ? value
        : throw Invalid(field, $"{value} is none of {string.Join(", ", Enum.GetNames<T>())}.");

    public static LogPosition? ToPosition(Position? position) =>
        position is null ? null : new LogPosition(position.Epoch, position.Sequence);

    public static Limits ToLimits(Sessions.Session session, GatewayOptions options) => new()
    {
        AudioCreditBytes = session.CreditBytes,
        MaxChunkBytes = session.Limits.MaxChunkBytes,
        MaxTurnMs = Milliseconds(session.Limits.MaxTurn),
        LogBytes = session.Limits.Log.MaxBytes,
        LogMs = Milliseconds(session.Limits.Log.Retention),
        ResumeWindowMs = Milliseconds(session.Limits.ResumeWindow),
        IdleTimeoutMs = Milliseconds(session.Limits.IdleTimeout),
        MaxReaders = session.Limits.Log.MaxReaders,
        ReaderWindowBytes = session.Limits.ReaderWindowBytes,
        HeartbeatIntervalMs = (int)Milliseconds(options.HeartbeatInterval),
        MaxWaitingTurns = session.Limits.MaxWaitingTurns,
        MaxLeadMs = (int)Milliseconds(session.Limits.MaxLead),
        MaxMotionWaitMs = (int)Milliseconds(session.Limits.MaxMotionWait),
        OpenTurnTimeoutMs = Milliseconds(session.Limits.OpenTurnTimeout),
        PauseLimitMs = Milliseconds(session.Limits.PauseLimit),
        MotionTimeoutMs = Milliseconds(session.App.MotionTimeout),
        HeartbeatTimeoutMs = Milliseconds(options.HeartbeatTimeout),
        WriteTimeoutMs = Milliseconds(options.WriteTimeout),
        MaxViewerLagMs = Milliseconds(session.Limits.MaxViewerLag),
        ClosedLogMs = Milliseconds(session.Limits.ClosedRetention),
        MaxTextBytes = MaxTextBytes,
        MaxKindBytes = MaxKindBytes,
        MaxReasonBytes = MaxReasonBytes,
        MaxNameBytes = MaxNameBytes,
        MaxMicrophoneBytes = MaxMicrophoneBytes,
        MaxPayloadSamples = session.Settings.MaxPayloadSamples,
        MaxViewerEvents = SpeakEvents.MaxViewerEvents,
        MaxVoidTurns = Sessions.Session.MaxVoidTurns,
        OpenTimeoutMs = Milliseconds(options.OpenTimeout),
        RequestTimeoutMs = Milliseconds(options.RequestTimeout),
        PlaybackSignalTimeoutMs = Milliseconds(session.Limits.PlaybackSignalTimeout),
    };

    public static InterruptAcknowledged ToMessage(InterruptResult result) => new()
    {
        TurnId = result.TurnId,
        AlreadyEnded = result.AlreadyEnded,
        Discarded = result.Discarded is { } span ? new SequenceRange { From = span.From, Through = span.Through } : null,
        PlayedSamples = result.PlayedSamples,
        FurtherTurnIds = { result.FurtherTurnIds },
    };

    public static void ThrowIfNotPermitted(ViewerIdentity viewer, ViewerEvent viewerEvent)
    {
        bool isPermitted = viewerEvent.EventCase switch
        {
            ViewerEvent.EventOneofCase.Interrupt => viewer.Permissions.HasFlag(ViewerPermissions.Interrupt),
            _ => viewer.Permissions.HasFlag(ViewerPermissions.Talk),
        };
        if (!isPermitted)
        {
            throw new GatewayException(
                ErrorReason.NotPermitted, "The viewer token does not permit this: ask for a token that does.")
            {
                Field = "viewer_event",
            };
        }
    }

    public static void Validate(ViewerEvent viewerEvent)
    {
        ValidateText("viewer_event.viewer_id", viewerEvent.ViewerId, MaxNameBytes);
        switch (viewerEvent.EventCase)
        {
            case ViewerEvent.EventOneofCase.MicrophoneAudio:
                ValidateMicrophone(viewerEvent.MicrophoneAudio);
                break;
            case ViewerEvent.EventOneofCase.Text:
                ValidateText("viewer_event.text", viewerEvent.Text, MaxTextBytes);
                break;
            case ViewerEvent.EventOneofCase.Interrupt:
                ValidateName("viewer_event.interrupt.turn_id", viewerEvent.Interrupt.TurnId);
                ValidateText("viewer_event.interrupt.reason", viewerEvent.Interrupt.Reason, MaxReasonBytes);
                break;
            case ViewerEvent.EventOneofCase.Playback:
                ValidateName("viewer_event.playback.turn_id", viewerEvent.Playback.TurnId);
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

    private static long Milliseconds(TimeSpan time) => (long)time.TotalMilliseconds;
}
