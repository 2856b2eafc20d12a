using MotionGateway.Feeds;
using MotionGateway.Speech;
using MotionGateway.V1;

namespace MotionGateway.Sessions;

/// <summary>What becomes of a speaker's audio: whose it is, whether it is taken, and what is told of it.</summary>
internal sealed class SpeechIntake(CoreContext context, Func<long> creditBytes, Action<SpeechTurn> began, Action<SpeechTurn> failAtOnce)
{
    // What has been handled of a turn that goes on is told together with more: when something happens after the one, by a timer after the
    // other. Speech that flows at its pace needs no timer so.
    private static readonly TimeSpan AcknowledgementInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestUnacknowledged = TimeSpan.FromSeconds(1);

    private readonly VoidTurns _void = new();

    // A turn without a name that is over, while the rest of its audio is on its way.
    private SpeechTurn? _discarding;

    /// <summary>Bytes that count against the credit.</summary>
    public long UnacknowledgedBytes { get; private set; }

    /// <summary>Bytes that may be unacknowledged at present.</summary>
    public long CreditBytes => creditBytes();

    /// <summary>No more speech is taken: what comes is discarded.</summary>
    public bool IsClosed { get; set; }

    /// <summary>The open turn that was begun last; null when the next audio begins one.</summary>
    public SpeechTurn? LastOpen => context.Turns.Active.FindLast(static turn => turn is { IsOpen: true, IsSpeakers: true });

    /// <summary>Takes audio.</summary>
    /// <exception cref="GatewayException">It is refused: its turn takes no more.</exception>
    public void Write(string turnId, ReadOnlySpan<byte> data, bool endTurn)
    {
        if (data.IsEmpty)
        {
            Touch(turnId, endTurn);
            return;
        }

        _discarding = turnId.Length > 0 ? null : _discarding;
        var turn = turnId.Length == 0 ? _discarding ?? LastOpen : context.Turns.Find(turnId);
        if (turn is { IsOpen: false })
        {
            Discard(turn, data.Length, endTurn);
            return;
        }

        if (IsClosed)
        {
            // What would begin now, with a name or without, is void.
            _void.Add(turnId);
        }

        if (_void.TryDiscard(turnId, data.Length, out long bytes))
        {
            context.Ledger.Acknowledge(turnId, bytes, bytes);
            return;
        }

        if (UnacknowledgedBytes + data.Length > CreditBytes)
        {
            // What has been handled takes no room of what comes.
            Settle(atOnce: true);
        }

        var fault = SpeechRules.FindFault(context, turn, data, UnacknowledgedBytes, CreditBytes);
        turn ??= Begin(turnId);
        fault ??= Take(turn, data);
        if (fault is not null)
        {
            Refuse(turn, data.Length, endTurn, fault.Reason);
            throw fault.ToException(turn.Id);
        }

        if (endTurn)
        {
            CompleteOrThrow(turn, "audio.data");
        }
    }

    /// <summary>Takes a whole turn that is not the speaker's.</summary>
    public SpeechTurn Say(string turnId, ReadOnlySpan<byte> samples)
    {
        var turn = Add(ordinal => Create(turnId, ordinal, isNamed: true, isSpeakers: false));
        turn.Speech.Take(samples);
        turn.ReceivedBytes = samples.Length;
        Complete(turn);
        return turn;
    }

    /// <summary>A turn's speech is complete.</summary>
    public void EndTurn(string turnId)
    {
        if (turnId.Length == 0 && _discarding is { } discarding)
        {
            _discarding = null;
            Acknowledge(discarding);
        }
        else if ((turnId.Length == 0 ? LastOpen : context.Turns.Find(turnId)) is { } turn)
        {
            CompleteOrThrow(turn, "end_turn");
        }
        else
        {
            if (turnId.Length > 0)
            {
                // What still comes under this name comes after its end.
                _void.Add(turnId);
            }

            AcknowledgeUnbegun(turnId);
        }
    }

    /// <summary>No more audio is taken for a turn. Where what came turns out to be no speech, the turn fails.</summary>
    public void Complete(SpeechTurn turn) => Complete(turn, "");

    /// <summary>A turn ends at once, with a reason, when what was taken has been heard.</summary>
    public void Abandon(SpeechTurn turn, ErrorReason reason)
    {
        turn.Failure = reason;
        Complete(turn);
    }

    /// <summary>Remembers a name whose audio is still to come: it is discarded then.</summary>
    public void Void(string turnId) => _void.Add(turnId);

    /// <summary>The rest of a turn without a name is on its way, and void.</summary>
    public void DiscardRestOf(SpeechTurn turn) => _discarding = turn;

    /// <summary>What comes of a turn without a name from now on is new speech.</summary>
    /// <param name="turnId">The turn whose rest was discarded; empty: whichever it was.</param>
    public void StopDiscarding(string turnId) => _discarding = turnId.Length == 0 || turnId == _discarding?.Id ? null : _discarding;

    /// <summary>Tells the speaker what has been handled since, and frees the credit: of a turn that goes on, so much at a time.</summary>
    public void Settle(SpeechTurn turn)
    {
        if (AcknowledgementDue(turn, AcknowledgementInterval) <= TimeSpan.Zero)
        {
            Acknowledge(turn);
        }
    }

    /// <summary>Tells the speaker what has been handled of all turns.</summary>
    /// <param name="atOnce">Also what has not waited long enough to be told.</param>
    public void Settle(bool atOnce = false)
    {
        foreach (var turn in context.Turns.Active)
        {
            if (AcknowledgementDue(turn, AcknowledgementInterval) is { } due && (atOnce || due <= TimeSpan.Zero))
            {
                Acknowledge(turn);
            }
        }
    }

    /// <summary>When the speaker must be told something, though nothing happens; null: never.</summary>
    public TimeSpan? NextDue()
    {
        TimeSpan? due = null;
        foreach (var turn in context.Turns.Active)
        {
            due = AcknowledgementDue(turn, LongestUnacknowledged) is { } time && !(due <= time) ? time : due;
        }

        return due;
    }

    private void CompleteOrThrow(SpeechTurn turn, string field)
    {
        if (Complete(turn, field) is { } fault)
        {
            throw fault.ToException(turn.Id);
        }
    }

    private SpeechFault? Complete(SpeechTurn turn, string field)
    {
        SpeechFault? fault = null;
        if (turn.IsOpen)
        {
            turn.IsComplete = true;
            try
            {
                turn.Speech.Complete();
            }
            catch (SpeechFormatException exception)
            {
                fault = SpeechFault.Of(exception, field);
                turn.Failure = fault.Reason;
            }

            turn.DroppedBytes = turn.Speech.DroppedBytes;
            turn.DiscardedBytes = Math.Max(turn.DiscardedBytes, turn.ReceivedBytes - turn.Speech.DecodedBytes);
        }

        Acknowledge(turn);
        if (fault is not null && turn.Samples == 0)
        {
            failAtOnce(turn);
        }

        return fault;
    }

    // Null: nothing of the turn has been handled that the speaker was not told.
    private TimeSpan? AcknowledgementDue(SpeechTurn turn, TimeSpan after)
    {
        if (!turn.IsSpeakers || turn.HandledBytes <= turn.AcknowledgedBytes)
        {
            return null;
        }

        // Who waits for credit waits for nothing else.
        bool isAwaited = turn.IsComplete || 2 * UnacknowledgedBytes >= CreditBytes;
        return isAwaited || turn.Times.Acknowledged is not { } acknowledged
            ? TimeSpan.Zero
            : after - context.Since(acknowledged);
    }

    private void Acknowledge(SpeechTurn turn)
    {
        if (!turn.IsSpeakers)
        {
            return;
        }

        turn.Times.Acknowledged = context.Now;
        long handled = Math.Max(turn.HandledBytes, turn.AcknowledgedBytes);
        UnacknowledgedBytes -= handled - turn.AcknowledgedBytes;
        turn.AcknowledgedBytes = handled;
        context.Ledger.Acknowledge(turn.Id, handled, turn.DiscardedBytes);
    }

    // An empty chunk changes nothing; with the end it is the end.
    private void Touch(string turnId, bool endTurn)
    {
        if (endTurn)
        {
            EndTurn(turnId);
        }
        else if ((turnId.Length == 0 ? LastOpen : context.Turns.Find(turnId)) is { } turn)
        {
            Acknowledge(turn);
        }
        else
        {
            AcknowledgeUnbegun(turnId);
        }
    }

    // Of a void turn some may have been discarded.
    private void AcknowledgeUnbegun(string turnId)
    {
        _void.TryDiscard(turnId, 0, out long bytes);
        context.Ledger.Acknowledge(turnId, bytes, bytes);
    }

    private SpeechFault? Take(SpeechTurn turn, ReadOnlySpan<byte> data)
    {
        try
        {
            turn.Speech.Take(data);
        }
        catch (SpeechFormatException exception)
        {
            return SpeechFault.Of(exception, "audio.data");
        }

        turn.ReceivedBytes += data.Length;
        turn.Times.Received = context.Now;
        UnacknowledgedBytes += data.Length;
        return null;
    }

    private void Discard(SpeechTurn turn, int bytes, bool endTurn)
    {
        turn.ReceivedBytes += bytes;
        turn.DiscardedBytes += bytes;
        UnacknowledgedBytes += bytes;
        Acknowledge(turn);
        _discarding = endTurn && _discarding == turn ? null : _discarding;
    }

    // A chunk that is missing would leave a hole: nothing after it can be spoken.
    private void Refuse(SpeechTurn turn, int bytes, bool isEnd, ErrorReason reason)
    {
        turn.Failure = reason;
        turn.ReceivedBytes += bytes;
        turn.DiscardedBytes += bytes;
        UnacknowledgedBytes += bytes;
        _discarding = turn.IsNamed || isEnd ? null : turn;
        Complete(turn);
        if (turn.Samples == 0)
        {
            failAtOnce(turn);
        }
    }

    private SpeechTurn Begin(string turnId)
    {
        bool isNamed = turnId.Length > 0;
        if (isNamed)
        {
            foreach (var unnamed in context.Turns.Active.Where(turn => turn is { IsNamed: false, IsOpen: true }).ToList())
            {
                Complete(unnamed);
            }
        }

        return Add(ordinal => Create(isNamed ? turnId : context.Turns.MakeId(ordinal), ordinal, isNamed, isSpeakers: true));
    }

    private SpeechTurn Add(Func<long, SpeechTurn> create)
    {
        var turn = context.Turns.Add(create);
        began(turn);
        return turn;
    }

    private SpeechTurn Create(string id, long ordinal, bool isNamed, bool isSpeakers) =>
        new(
            id, ordinal, new TurnSpeech(context.Settings, isSpeakers ? context.Settings.SpeechFormat : context.Settings.Timeline, ordinal),
            context.IsPublishing ? new ReportedPlayback(context.Settings, context.Time) : new PredictedPlayback(context.Settings, context.Time), context.Now)
        {
            IsNamed = isNamed,
            IsSpeakers = isSpeakers,
        };
}
