using MotionGateway.Feeds;
using MotionGateway.Speech;
using MotionGateway.V1;

namespace MotionGateway.Sessions;

/// <summary>Which audio is refused.</summary>
internal static class SpeechRules
{
    /// <summary>Why a chunk cannot be taken; null when it can.</summary>
    /// <param name="context">The session.</param>
    /// <param name="turn">Its turn; null when it would begin one.</param>
    /// <param name="data">The chunk.</param>
    /// <param name="unacknowledgedBytes">What counts against the credit so far.</param>
    /// <param name="creditBytes">The credit.</param>
    public static SpeechFault? FindFault(
        CoreContext context, SpeechTurn? turn, ReadOnlySpan<byte> data, long unacknowledgedBytes, long creditBytes)
    {
        var (settings, limits) = (context.Settings, context.Limits);
        if (data.Length > limits.MaxChunkBytes)
        {
            return Fault(
                ErrorReason.ChunkTooLarge, "audio.data",
                $"The chunk has {data.Length} bytes, at most {limits.MaxChunkBytes} are taken: send it in parts.");
        }

        if (settings.RefuseBeyondCredit && unacknowledgedBytes + data.Length > creditBytes)
        {
            return Fault(
                ErrorReason.AudioCreditExceeded, "audio.data",
                $"{unacknowledgedBytes + data.Length} bytes would be unacknowledged, at most {creditBytes} may be: wait for "
                + "audio_acknowledged before sending on.");
        }

        if ((turn?.Samples ?? 0) + settings.LeastSamples(data.Length) > settings.ToSamples(limits.MaxTurn))
        {
            return Fault(
                ErrorReason.TurnTooLong, "audio.data",
                $"A turn lasts at most {limits.MaxTurn.TotalSeconds:0} s: end this one and go on in another.");
        }

        if (turn is null && context.Turns.Active.Count > limits.MaxWaitingTurns)
        {
            return Fault(
                ErrorReason.TooManyTurns, "audio.turn_id",
                $"{limits.MaxWaitingTurns} turns follow the one that plays already: wait for turn_ended before starting another.");
        }

        return null;
    }

    private static SpeechFault Fault(ErrorReason reason, string field, string message) => new(reason, field, message);
}

/// <summary>Why audio cannot be taken.</summary>
/// <param name="Reason">The stable reason.</param>
/// <param name="Field">The request's field at fault.</param>
/// <param name="Message">For people: what is wrong and what to do.</param>
internal sealed record SpeechFault(ErrorReason Reason, string Field, string Message)
{
    /// <summary>What has come is no speech, or not in the form that the session takes.</summary>
    public static SpeechFault Of(SpeechFormatException exception, string field) =>
        new(ErrorReason.AudioFormatMismatch, field, exception.Message);

    public GatewayException ToException(string turnId) => new(Reason, Message)
    {
        Field = Field,
        Ids = new FailureIds { TurnId = turnId },
    };
}
