using Google.Protobuf.WellKnownTypes;
using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.Sessions;

/// <summary>Appends a session's payloads to its log.</summary>
internal sealed class LogWriter(SessionLog log, SessionSettings settings, TimeProvider timeProvider)
{
    private long _next = log.End.Sequence + 1;

    public long LastSequence => _next - 1;

    private LogPosition Next => new(log.Epoch, _next);

    public void Start(SpeechTurn turn) => Append(turn, new Payload
    {
        TurnStarted = new TurnStarted
        {
            Ordinal = turn.Ordinal,
            SampleRate = settings.SampleRate,
            Time = Timestamp.FromDateTimeOffset(timeProvider.GetUtcNow()),
        },
    });

    public void Append(SpeechTurn turn, in StagedMedia media)
    {
        long end = media.First + media.Count;
        turn.Unheard.Add(_next, media.IsMotion ? end * settings.SamplesPerKeyframe : end, turn.Clock.Heard);
        Append(turn, media.IsMotion
            ? PayloadEncoder.EncodeMotion(Next, turn.Id, media.First, media.Count, media.IsLast, media.Bytes.Span)
            : PayloadEncoder.EncodeAudio(Next, turn.Id, media.First, media.IsLast, media.Bytes.Span));
    }

    public void Seal(SpeechTurn turn) => Append(turn, new Payload
    {
        TurnSealed = new TurnSealed { SampleCount = turn.Samples, KeyframeCount = turn.Keyframes },
    });

    /// <summary>Appends the end of a turn.</summary>
    /// <returns>With an interrupt: the sequences that it discards; null when none are.</returns>
    public SequenceSpan? End(SpeechTurn turn, ErrorReason error, string reason)
    {
        var ended = new TurnEnded
        {
            Outcome = turn.Outcome,
            Error = error,
            Reason = reason,
            PlayedSamples = turn.PlayedSamples,
        };
        SequenceSpan? discarded = null;
        if (turn.Outcome == TurnOutcome.Interrupted)
        {
            discarded = turn.Unheard.Find(turn.PlayedSamples);
            ended.Discarded = discarded is { } span ? new SequenceRange { From = span.From, Through = span.Through } : null;
        }

        Append(turn, new Payload { TurnEnded = ended });
        return discarded;
    }

    public void ChangePlayback(SpeechTurn turn, bool paused) => Append(turn, new Payload
    {
        PlaybackChanged = new PlaybackChanged { Paused = paused, PlayedSamples = turn.Clock.Heard },
    });

    public void Append(ViewerMessage message) => Append(null, new Payload { ViewerMessage = message });

    public void EndSession(ErrorReason error, string reason) => Append(null, new Payload
    {
        SessionEnded = new SessionEnded { Error = error, Reason = reason },
    });

    private void Append(SpeechTurn? turn, Payload payload)
    {
        payload.Epoch = log.Epoch;
        payload.Sequence = _next;
        payload.TurnId = turn?.Id ?? "";
        Append(turn, PayloadEncoder.Encode(payload));
    }

    private void Append(SpeechTurn? turn, byte[] encoded)
    {
        log.Append(encoded);
        if (turn is not null)
        {
            turn.FirstSequence = turn.FirstSequence == 0 ? _next : turn.FirstSequence;
            turn.LastSequence = _next;
        }

        _next++;
    }
}
