using MotionGateway.Feeds;
using MotionGateway.Sessions.Tests.Simulation;
using MotionGateway.V1;

namespace MotionGateway.Sessions.Tests.Checker;

/// <summary>What is promised of a session's log. Knows what the caller sent, what the Motion Server made of it, and the time; nothing of the code.</summary>
internal sealed class LogPromises(SimulatedSession simulation, SessionSettings settings, SessionLimits limits, ChaosPlan plan, Coverage coverage)
{
    private static readonly TimeSpan Grain = TimeSpan.FromMilliseconds(2);

    private readonly LogReader _reader = simulation.Log.OpenReader(new LogPosition(1, 0), int.MaxValue, new AsyncSignal());
    private readonly Dictionary<string, TurnView> _turns = [];
    private readonly List<TurnView> _playing = [];
    private readonly int _samplesPerKeyframe = settings.SampleRate / 25;
    private long _sequence;
    private TimeSpan _freeAt;

    public List<Reply> Replies { get; } = [];

    public IReadOnlyCollection<TurnView> Turns => _turns.Values;

    public bool IsOver { get; private set; }

    private TimeSpan Now => simulation.World.Now;

    /// <summary>Reads what is new.</summary>
    public void Observe()
    {
        while (_reader.TryRead(out var entry))
        {
            var response = SubscribeResponse.Parser.ParseFrom(entry.Encoded.Span);
            Demand(response.Payload is not null, $"A reader that is never behind is told of a gap: {response.Skipped} after {_sequence} at {Now}, {simulation.Log.Bytes} bytes, {simulation.Log.End.Sequence}.");
            Take(response.Payload!);
        }
    }

    /// <summary>All must be told now.</summary>
    public void End()
    {
        Demand(IsOver && simulation.Log.IsComplete, "The log does not end with its session.");
        foreach (var turn in _turns.Values)
        {
            Demand(turn.Ended is not null, $"Turn {turn.Id} has no end.");
        }
    }

    public TurnView? Find(string id) => _turns.GetValueOrDefault(id);

    private static void Demand(bool isKept, string promise)
    {
        if (!isKept)
        {
            throw new PromiseBrokenException(promise);
        }
    }

    private void Take(Payload payload)
    {
        Demand(payload.Epoch == 1 && payload.Sequence == _sequence + 1, $"Sequence {payload.Sequence} follows {_sequence}.");
        Demand(!IsOver, "Something follows the session's end.");
        _sequence = payload.Sequence;
        var turn = _turns.GetValueOrDefault(payload.TurnId);
        if (payload.TurnStarted is { } started)
        {
            Demand(turn is null, $"Turn {payload.TurnId} is started twice.");
            Start(payload.TurnId, started);
        }
        else if (payload.TurnId.Length > 0)
        {
            Demand(turn is { Ended: null }, $"{payload.ContentCase} of turn {payload.TurnId} stands before its start or after its end.");
            TakeOf(turn!, payload);
        }
        else
        {
            IsOver = payload.SessionEnded is not null;
        }
    }

    private void TakeOf(TurnView turn, Payload payload)
    {
        switch (payload.ContentCase)
        {
            case Payload.ContentOneofCase.Audio:
                TakeAudio(turn, payload.Audio, payload.Sequence);
                break;
            case Payload.ContentOneofCase.Motion:
                TakeMotion(turn, payload.Motion, payload.Sequence);
                break;
            case Payload.ContentOneofCase.TurnSealed:
                Demand(turn.SealedAt is null, "A turn is sealed twice.");
                Demand(payload.TurnSealed.SampleCount == turn.Samples && payload.TurnSealed.KeyframeCount == turn.Keyframes.Count, "The seal tells other counts.");
                Demand(turn.IsLastAudio, "The last audio is not marked.");
                turn.SealedAt = Now;
                break;
            case Payload.ContentOneofCase.PlaybackChanged:
                turn.WasPaused = true;
                turn.Listener.Pause(Now, payload.PlaybackChanged.Paused);
                break;
            case Payload.ContentOneofCase.TurnEnded:
                TakeEnd(turn, payload.TurnEnded, payload.Sequence);
                break;
        }
    }

    private void Start(string id, TurnStarted started)
    {
        Demand(started.Ordinal > 0 && started.SampleRate == settings.SampleRate, "The start tells another rate or ordinal.");
        Demand(started.Paced == (settings.AudioRelease != AudioRelease.AtOnce), "The start tells another pace.");
        var turn = new TurnView(id, settings.SampleRate) { Ordinal = started.Ordinal, Reply = Replies.Find(reply => reply.Name == id) };
        _turns.Add(id, turn);
        _playing.Add(turn);
    }

    private void TakeAudio(TurnView turn, Audio audio, long sequence)
    {
        Demand(turn.SealedAt is null && !turn.IsLastAudio, "Audio follows the last.");
        Demand(audio.FirstSample == turn.Samples && audio.Data.Length == audio.SampleCount * 2, "Audio is not contiguous.");
        Demand(audio.SampleCount > 0 || audio.Last, "Audio without samples is not the last.");
        Demand(audio.SampleCount <= settings.SampleRate / 4 && audio.Data.Length <= 16 * 1024, "An audio payload is longer than 250 ms or 16 KiB.");
        turn.Reply ??= ChaosPlan.IsTone(turn.Id) || audio.SampleCount == 0 ? null : Replies.Find(reply => reply.Name.Length == 0 && reply.TurnId is null && reply.Speech.StartsWith(audio.Data.Span));
        if (turn.Reply is { } reply)
        {
            reply.TurnId = turn.Id;
            Demand(reply.VoidAfter is not { } end || sequence <= end, $"Turn {turn.Id} was interrupted and speaks.");
            Demand(turn.Samples + audio.SampleCount <= reply.Due / 2, $"Turn {turn.Id} speaks more than was sent.");
            Demand(reply.Speech.Slice((int)turn.Samples * 2, audio.Data.Length).SequenceEqual(audio.Data.Span), $"Turn {turn.Id} speaks other bytes.");
        }
        else
        {
            Demand(ChaosPlan.IsTone(turn.Id) || audio.SampleCount == 0, $"Turn {turn.Id} speaks what nobody said.");
        }

        if (audio.SampleCount > 0)
        {
            TakePlayback(turn, audio);
        }

        turn.IsLastAudio = audio.Last;
    }

    private void TakePlayback(TurnView turn, Audio audio)
    {
        bool isHead = _playing[0] == turn;
        Demand(isHead || settings.TurnRelease == TurnRelease.AtOnce, $"Turn {turn.Id} is released before the one before has ended.");
        if (isHead && turn.Samples == 0)
        {
            turn.HeadAt = _freeAt;
            turn.Listener.Begin(Now);
        }

        turn.Listener.Release(Now, audio.SampleCount, turn.Reply?.SentAt(audio.FirstSample) ?? TimeSpan.Zero);
        turn.Add(audio, Now);
        double ahead = _playing.Sum(other => other.Listener.Released - other.Listener.Heard(Now));
        Demand(ahead <= (settings.MaxLead.TotalSeconds * settings.SampleRate) + 1, $"{ahead} samples are ahead of playback.");
    }

    private void TakeMotion(TurnView turn, V1.Motion motion, long sequence)
    {
        Demand(turn.SealedAt is null && !turn.IsLastMotion, "Motion follows the last.");
        Demand(motion.KeyframeCount > 0, "A motion payload is empty.");
        Demand(motion.FirstKeyframe == turn.Keyframes.Count, $"Keyframe {motion.FirstKeyframe} follows {turn.Keyframes.Count - 1}.");
        Demand(motion.FirstKeyframe * _samplesPerKeyframe < turn.Samples, "Motion stands before the audio at its first keyframe.");
        Demand(turn.Reply?.VoidAfter is not { } end || sequence <= end, $"Turn {turn.Id} was interrupted and moves.");
        var message = Keyframes.Decode(motion.Envelope);
        var keyframes = Keyframes.Read(message).ToList();
        Demand(keyframes.Count == motion.KeyframeCount, "A motion payload tells another count.");
        Demand(message.End == motion.Last, "The envelope and the payload tell different ends.");
        if (plan.IsClean)
        {
            var arrived = simulation.Server.Requests.Select(request => request.Arrivals.GetValueOrDefault(keyframes[0], TimeSpan.MaxValue)).Min();
            var audible = turn.ReleasedAt(motion.FirstKeyframe * _samplesPerKeyframe);
            Demand(Now == (arrived > audible ? arrived : audible), $"Motion of keyframe {motion.FirstKeyframe} came at {arrived}, its audio at {audible}, and stands at {Now}.");
        }

        turn.Keyframes.AddRange(keyframes);
        turn.IsLastMotion = motion.Last;
    }

    private void TakeEnd(TurnView turn, TurnEnded ended, long sequence)
    {
        turn.Ended = ended;
        coverage.Note(ended.Outcome.ToString());
        bool isHead = _playing[0] == turn;
        bool isHeard = ended.Outcome is TurnOutcome.Completed or TurnOutcome.AudioOnly
            || (ended.Outcome == TurnOutcome.Failed && turn.SealedAt is not null && ended.PlayedSamples == turn.Samples);
        if (isHeard)
        {
            Demand(isHead, "A turn ends before the one before.");
            CheckHeard(turn, ended);
        }

        double heard = turn.Listener.Heard(Now);
        Demand(Math.Abs(ended.PlayedSamples - heard) <= 1 + (settings.SampleRate / 500), $"{ended.PlayedSamples} samples are told as heard, and {heard} were.");
        Demand(ended.Discarded is null || (ended.Outcome == TurnOutcome.Interrupted && ended.Discarded.From > 0 && ended.Discarded.Through < sequence), "What is discarded is no range.");
        _playing.Remove(turn);
        if (isHead)
        {
            _freeAt = Now;
            if (_playing.Count > 0 && _playing[0].Samples > 0)
            {
                _playing[0].HeadAt = Now;
                _playing[0].Listener.Begin(Now);
            }
        }
    }

    private void CheckHeard(TurnView turn, TurnEnded ended)
    {
        Demand(turn.SealedAt is not null && ended.PlayedSamples == turn.Samples, $"Turn {turn.Id} ends {ended.Outcome} and was not heard.");
        if (turn.Samples > 0)
        {
            var heardAt = turn.Listener.HeardAllAt!.Value;
            var latest = heardAt + turn.Lag > turn.SealedAt!.Value ? heardAt + turn.Lag : turn.SealedAt.Value;
            Demand(Now >= heardAt - TimeSpan.FromMilliseconds(0.2), $"Turn {turn.Id} ends before it has been heard.");
            Demand(Now <= latest + Grain, $"Turn {turn.Id} ends at {Now}, and could have at {latest}.");
            CheckWaits(turn);
        }

        if (turn.Reply is { } reply)
        {
            Demand(turn.Samples == reply.Due / 2, $"Turn {turn.Id} ends {ended.Outcome} and did not say all.");
            Demand(ended.Outcome == TurnOutcome.Failed || reply.Refused == ErrorReason.Unspecified, $"Turn {turn.Id} lacks a chunk and is {ended.Outcome}.");
        }

        if (ended.Outcome == TurnOutcome.Completed)
        {
            CheckMotion(turn);
        }

        Demand(ended.Outcome != TurnOutcome.AudioOnly || !plan.IsClean, $"Turn {turn.Id} lost its motion, {ended.Error}, where nothing went wrong.");
    }

    // For motion's sake speech is held so long at the most, and only before it begins; a session's first turn may wait once more.
    private void CheckWaits(TurnView turn)
    {
        if (turn.Reply is null || turn.WasPaused)
        {
            return;
        }

        var sent = turn.Reply.SentAt(0);
        var begun = sent > turn.HeadAt!.Value ? sent : turn.HeadAt.Value;
        var waited = turn.FirstAudioAt!.Value - begun + turn.Listener.Stalled;
        var most = settings.AudioRelease == AudioRelease.AtOnce ? TimeSpan.Zero : settings.MaxMotionWait;
        if (settings.TurnRelease == TurnRelease.AfterPrevious)
        {
            Demand(waited <= most + (Grain * 2), $"Turn {turn.Id} waited {waited} for its motion.");
            bool mayStall = settings.AudioRelease == AudioRelease.Paced && turn.Ordinal == 1;
            Demand(turn.Listener.Stalls <= (mayStall ? 1 : 0), $"Turn {turn.Id} stopped {turn.Listener.Stalls} times within its speech.");
            coverage.Note(turn.Listener.Stalls > 0 ? "Stall" : waited > Grain ? "Wait" : "NoWait");
        }
    }

    private void CheckMotion(TurnView turn)
    {
        long due = turn.Samples == 0 ? 0 : Math.Max(1, turn.Samples * 25 / settings.SampleRate);
        Demand(
            turn.Keyframes.Count <= due && turn.Keyframes.Count >= due - limits.KeyframeTolerance,
            $"Turn {turn.Id} is COMPLETED with {turn.Keyframes.Count} of {due} keyframes.");
        if (simulation.Server.Requests.Exists(request => request.HasHiddenLoss))
        {
            // Nobody can know: what followed the loss looks like what was missing.
            return;
        }

        long[] salts = [.. simulation.Server.Requests.Select(request => request.Plan.Salt).Distinct()];
        int size = _samplesPerKeyframe * 2;
        for (int i = 0; i < turn.Keyframes.Count; i++)
        {
            var speech = turn.Audio[(i * size)..Math.Min((i + 1) * size, turn.Audio.Length)];
            bool isMadeOfIt = false;
            foreach (long salt in salts)
            {
                isMadeOfIt |= Keyframes.Of(speech, salt) == turn.Keyframes[i];
            }

            Demand(
                isMadeOfIt,
                $"Keyframe {i} of turn {turn.Id} was made from other speech, and it is COMPLETED.");
        }
    }
}
