using Google.Protobuf;
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
            Paced = settings.AudioRelease != AudioRelease.AtOnce && !turn.IsPublished,
            AudioEncoding = settings.AudioEncoding,
            AudioHeader = UnsafeByteOperations.UnsafeWrap(turn.Speech.Audio.Header),
            Published = turn.IsPublished,
        },
    });

    /// <summary>Appends the next audio of a turn.</summary>
    /// <param name="turn">The turn.</param>
    /// <param name="count">Its samples; 0 for a closing piece.</param>
    /// <param name="isLast">Whether it is the last.</param>
    public void AppendAudio(SpeechTurn turn, int count, bool isLast)
    {
        turn.Unheard.Add(_next, turn.Released + count);
        var audio = turn.Speech.Audio;
        var data = audio.Take(turn.Released, count, isLast);
        var entry = log.Append(MediaPayload.OfAudio(Next, turn.Id, turn.Released, count, isLast, data), isHeld: audio.IsShared);
        if (audio.IsShared)
        {
            audio.Share(turn.Released, count, entry);
        }

        OnAppended(turn);
    }

    public void AppendMotion(SpeechTurn turn, in StagedMotion motion)
    {
        turn.Unheard.Add(_next, (motion.FirstKeyframe + motion.Count) * settings.SamplesPerKeyframe);
        log.Append(MediaPayload.OfMotion(Next, turn.Id, motion.FirstKeyframe, motion.Count, motion.IsLast, motion.Envelope.Memory.Span));
        OnAppended(turn);
    }

    public void Seal(SpeechTurn turn) => Append(turn, new Payload
    {
        TurnSealed = new TurnSealed { SampleCount = turn.Samples, KeyframeCount = turn.ReleasedKeyframes },
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

    /// <summary>Appends a message to all viewers.</summary>
    /// <param name="message">The message.</param>
    /// <param name="turns">The turns that are not over.</param>
    /// <exception cref="GatewayException">The log is full of what has not been heard.</exception>
    public void Append(ViewerMessage message, List<SpeechTurn> turns)
    {
        MarkHeard(turns);
        if (log.IsFull)
        {
            throw new GatewayException(
                ErrorReason.MemoryLimit, "The session's log is full of what has not been heard yet: send this when some of it has.")
            {
                Field = "viewer_message",
            };
        }

        Append(null, new Payload { ViewerMessage = message });
    }

    public void EndSession(ErrorReason error, string reason) => Append(null, new Payload
    {
        SessionEnded = new SessionEnded { Error = error, Reason = reason },
    });

    /// <summary>Tells the log what has been heard: only that may leave it.</summary>
    /// <param name="turns">The turns that are not over.</param>
    public void MarkHeard(List<SpeechTurn> turns)
    {
        long heard = LastSequence;
        foreach (var turn in turns)
        {
            if (turn.State == TurnState.Waiting)
            {
                break;
            }

            if (turn.Unheard.FirstAfter(turn.Clock.Heard) is { } first)
            {
                heard = Math.Min(heard, first - 1);
            }
        }

        log.MarkHeard(heard);
    }

    private void Append(SpeechTurn? turn, Payload payload)
    {
        payload.Epoch = log.Epoch;
        payload.Sequence = _next;
        payload.TurnId = turn?.Id ?? "";
        log.Append(PayloadEncoder.Encode(payload));
        OnAppended(turn);
    }

    private void OnAppended(SpeechTurn? turn)
    {
        if (turn is not null)
        {
            turn.FirstSequence = turn.FirstSequence == 0 ? _next : turn.FirstSequence;
            turn.LastSequence = _next;
        }

        _next++;
    }
}
