using MotionGateway.Cli.Audio;
using MotionGateway.V1;

namespace MotionGateway.Cli.Viewing;

/// <summary>A payload as a person or a program reads it: what it is, not the media in it.</summary>
/// <param name="Kind">The proto's name of the content, such as <c>audio</c>.</param>
/// <param name="Epoch">Epoch.</param>
/// <param name="Sequence">Place in the log; of a skipped range the last.</param>
/// <param name="TurnId">Turn; null when it belongs to none.</param>
/// <param name="Bytes">Bytes of the payload.</param>
/// <param name="Detail">The rest, for people.</param>
internal sealed record PayloadLine(string Kind, uint Epoch, long Sequence, string? TurnId, int Bytes, string Detail)
{
    /// <summary>When it was received.</summary>
    public DateTimeOffset Time { get; init; } = DateTimeOffset.Now;

    /// <summary>Describes a payload.</summary>
    public static PayloadLine Create(Payload payload)
    {
        var (kind, detail) = payload.ContentCase switch
        {
            Payload.ContentOneofCase.Audio => ("audio", Media(payload.Audio.FirstSample, payload.Audio.SampleCount, "samples", payload.Audio.Last)),
            Payload.ContentOneofCase.Motion => ("motion", Media(payload.Motion.FirstKeyframe, payload.Motion.KeyframeCount, "keyframes", payload.Motion.Last)),
            Payload.ContentOneofCase.TurnStarted => ("turn_started", Describe(payload.TurnStarted)),
            Payload.ContentOneofCase.TurnSealed => ("turn_sealed", $"{payload.TurnSealed.SampleCount} samples, {payload.TurnSealed.KeyframeCount} keyframes"),
            Payload.ContentOneofCase.TurnEnded => ("turn_ended", Describe(payload.TurnEnded)),
            Payload.ContentOneofCase.PlaybackChanged => ("playback_changed", payload.PlaybackChanged.Paused ? "paused" : "goes on"),
            Payload.ContentOneofCase.ViewerMessage => ("viewer_message", $"{payload.ViewerMessage.Kind}: {payload.ViewerMessage.Text}"),
            Payload.ContentOneofCase.SessionEnded => ("session_ended", Reason(payload.SessionEnded.Error, payload.SessionEnded.Reason)),
            _ => ("unknown", ""),
        };
        return new PayloadLine(
            kind, payload.Epoch, payload.Sequence, payload.TurnId.Length > 0 ? payload.TurnId : null, payload.CalculateSize(), detail);
    }

    /// <summary>Describes sequences that are left out.</summary>
    public static PayloadLine Create(SequenceSkipped skipped) => new(
        "skipped", skipped.Epoch, skipped.Range.Through, null, 0, $"{skipped.Range.From}..{skipped.Range.Through} {skipped.Reason}");

    /// <summary>The line for people.</summary>
    public override string ToString() =>
        $"{Time:HH:mm:ss.fff}  #{Sequence,-6} {Kind,-16} {TurnId ?? "-",-14} {Bytes,7} B  {Detail}";

    private static string Media(long first, int count, string unit, bool isLast) =>
        $"{first}..{first + count} {unit}{(isLast ? ", last" : "")}";

    private static string Describe(TurnStarted started) =>
        $"turn {started.Ordinal} at {started.SampleRate} Hz, {EncodingNames.Of(started.AudioEncoding)}";

    private static string Describe(TurnEnded ended)
    {
        string text = ended.Outcome.ToString().ToLowerInvariant();
        string why = Reason(ended.Error, ended.Reason);
        text += why.Length > 0 ? $" ({why})" : "";
        return ended.Discarded is { } discarded ? $"{text}, void: {discarded.From}..{discarded.Through}" : text;
    }

    private static string Reason(ErrorReason error, string reason) =>
        error == ErrorReason.Unspecified ? reason : $"{Protocol.ErrorTable.GetName(error)} {reason}".TrimEnd();
}
