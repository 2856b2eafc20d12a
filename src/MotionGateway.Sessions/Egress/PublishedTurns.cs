using MotionGateway.MotionServer;
using MotionGateway.V1;
using PlaybackState = MotionGateway.MotionServer.PlaybackState;

namespace MotionGateway.Sessions;

/// <summary>
/// The turns of a session that the Motion Server publishes into a room: what is sent of them and when, and what its playback signals
/// make of them. One turn is with the Motion Server at a time, since another would interrupt it.
/// </summary>
internal sealed class PublishedTurns(CoreContext context, TurnEndings endings, Action<SpeechTurn> settle, Action<SpeechTurn> signalMissing)
    : ILegDemand
{
    private readonly PublishingDemand _demand = new(context);
    private readonly PublishedPlayback _playback = new(context);

    public bool NeedsLeg => _demand.NeedsLeg;

    public bool HasSomethingToSend => _demand.HasSomethingToSend;

    private SpeechTurn? Front => context.Turns.Active is [{ IsPublished: true } turn, ..] ? turn : null;

    public MotionRequest? NextToSend(MotionLeg leg, bool mayAsk = true) => _demand.NextToSend(leg, mayAsk);

    public long MaySendThrough(MotionRequest request) => _demand.MaySendThrough(request.Turn);

    public bool IsStale(MotionLeg leg) => _demand.IsStale(leg);

    /// <summary>A connection has taken speech of a turn.</summary>
    public void SpeechSent(MotionRequest request)
    {
        var turn = request.Turn;
        turn.Clock.Release(Math.Max(0, turn.Sent - turn.Clock.Released));
        turn.Released = turn.Sent;
        if (!request.IsFenced && turn is { Clock.IsRunning: false, Signals.Awaited: AwaitedSignal.None })
        {
            turn.Signals.Await(AwaitedSignal.Start, context.Now);
        }
    }

    /// <summary>The Motion Server tells of its playback.</summary>
    public void Report(MotionLeg leg, PlaybackUpdate update)
    {
        if (Front is not { Motion.Current: { } request } turn || request.Leg != leg || request.Handle?.Id != update.RequestId)
        {
            // Of a turn that is over, or of a request that was given up.
            return;
        }

        turn.Signals.HasAny = true;
        if (turn.Motion.RequestId.Length == 0)
        {
            (turn.Motion.RequestId, turn.Motion.ConnectionId) = (update.RequestId, leg.Connection.ConnectionId);
        }

        long heard = Math.Min(request.SentThrough, request.FirstSample + context.Settings.ToSamples(update.Played));
        switch (update.State)
        {
            case PlaybackState.Playing:
                Plays(turn, heard);
                break;
            case PlaybackState.Paused:
                IsHeld(turn, heard);
                break;
            case PlaybackState.Ended:
                HasPlayedOut(turn, request, update.Played > TimeSpan.Zero ? heard : request.SentThrough);
                break;
            case PlaybackState.Interrupted:
                WasStopped(turn, request, heard, update.Reason);
                break;
        }
    }

    /// <inheritdoc cref="PublishedPlayback.Pause"/>
    public void Pause()
    {
        if (Front is { State: not TurnState.Waiting } turn)
        {
            _playback.Pause(turn);
        }
    }

    /// <summary>Lets the held turn go on. Nothing happens when none is held.</summary>
    public void Resume()
    {
        if (Front is { } turn)
        {
            _playback.Resume(turn);
        }
    }

    /// <summary>A leg is gone, or what is published over it is: it is published again from what was heard.</summary>
    /// <param name="leg">The leg.</param>
    /// <param name="requestId">The request that goes no further; null: all.</param>
    /// <param name="reason">Why.</param>
    /// <param name="isForGood">Another one would not help.</param>
    /// <returns>The turns concerned.</returns>
    public List<SpeechTurn> Lose(MotionLeg leg, string? requestId, ErrorReason reason, bool isForGood)
    {
        if (Front is not { Motion.Current: { } request } turn || request.Leg != leg || (requestId ?? request.Handle?.Id) != request.Handle?.Id)
        {
            return [];
        }

        var awaited = turn.Signals.Awaited;
        PublishedPlayback.LetGo(turn, request);
        _playback.Obey(turn, awaited);
        if (turn.Clock.Heard >= turn.Samples)
        {
            // The speaker is silent within the turn, or all has been heard.
            return [];
        }

        turn.Motion.Recoveries++;
        if (isForGood || turn.Motion.Recoveries > context.Limits.MaxRecoveries)
        {
            Fail(turn, reason);
        }

        return [turn];
    }

    /// <summary>No connection can be had.</summary>
    /// <returns>The turns that fail for it.</returns>
    public List<SpeechTurn> LoseAllWanting(ErrorReason reason)
    {
        if (Front is not { } turn || !_demand.NeedsLeg)
        {
            return [];
        }

        Fail(turn, reason);
        return [turn];
    }

    /// <summary>From now on media goes through the log; what was published of a turn does not begin again.</summary>
    public void FallBack()
    {
        context.IsPublishing = false;
        foreach (var turn in context.Turns.Active.Where(turn => turn.IsPublished && turn.Sent == 0))
        {
            turn.Unpublish(new PredictedPlayback(context.Settings, context.Time));
        }
    }

    /// <summary>Does all that is due now.</summary>
    public void Advance()
    {
        while (Front is { } turn)
        {
            if (TryEnd(turn))
            {
                continue;
            }

            if (turn.Signals.Awaited != AwaitedSignal.None && SignalDue(turn) <= TimeSpan.Zero)
            {
                signalMissing(turn);
                _playback.Presume(turn);
                continue;
            }

            settle(turn);
            _demand.Trim(turn);
            if (turn is { State: TurnState.Started, IsComplete: true } && turn.Sent == turn.Samples)
            {
                _playback.Seal(turn);
            }

            return;
        }
    }

    /// <summary>When there is something to do again, if nothing else happens; null: never.</summary>
    public TimeSpan? NextDue()
    {
        if (Front is not { } turn)
        {
            return null;
        }

        var due = SignalDue(turn) ?? EndDue(turn);
        var send = _demand.NextDue(turn);
        return due is null || send < due ? send ?? due : due;
    }

    private void Plays(SpeechTurn turn, long heard)
    {
        turn.Signals.Settle(AwaitedSignal.Start);
        turn.Signals.Settle(AwaitedSignal.Resume);
        PublishedPlayback.ClockOf(turn).Report(heard, isRunning: true);
        _playback.Start(turn);
        _playback.GoOn(turn);
    }

    private void IsHeld(SpeechTurn turn, long heard)
    {
        turn.Signals.Settle(AwaitedSignal.Start);
        turn.Signals.Settle(AwaitedSignal.Pause);
        _playback.Start(turn);
        _playback.Hold(turn, heard);
    }

    private void HasPlayedOut(SpeechTurn turn, MotionRequest request, long heard)
    {
        _playback.Start(turn);
        PublishedPlayback.ClockOf(turn).Report(heard, isRunning: true);
        bool isAll = turn.IsComplete && request.SentThrough == turn.Samples;
        PublishedPlayback.LetGo(turn, request, isOver: true);
        if (isAll)
        {
            // Milliseconds are what it counts in: what is left within a keyframe has been heard.
            bool isWhole = turn.Samples - heard < context.Settings.SamplesPerKeyframe;
            PublishedPlayback.ClockOf(turn).Report(isWhole ? turn.Samples : heard, isRunning: false);
            Finish(turn, isWhole ? ErrorReason.Unspecified : ErrorReason.MotionIncomplete);
        }
    }

    private void WasStopped(SpeechTurn turn, MotionRequest request, long heard, string reason)
    {
        var awaited = turn.Signals.Awaited;
        PublishedPlayback.ClockOf(turn).Report(heard, isRunning: true);
        PublishedPlayback.LetGo(turn, request, isOver: true);
        if (!turn.Clock.IsPaused)
        {
            endings.End(turn, TurnOutcome.Interrupted, ErrorReason.Unspecified, reason);
            return;
        }

        // It was held for longer than the service likes: another request goes on from there, when it is to go on.
        _playback.Obey(turn, awaited);
    }

    private bool TryEnd(SpeechTurn turn)
    {
        if (!turn.IsComplete)
        {
            return false;
        }

        // Nothing was to be said, or what was left has been heard when the connection was lost.
        bool isHeard = turn.Motion.Current is null && turn.Clock.Heard >= turn.Samples;
        if (!isHeard && !(EndDue(turn) <= TimeSpan.Zero))
        {
            return false;
        }

        bool isKnown = turn.Samples == 0 || turn.Signals.HasAny;
        if (!isHeard)
        {
            signalMissing(turn);
        }

        Finish(turn, isKnown ? ErrorReason.Unspecified : ErrorReason.MotionTimeout);
        return true;
    }

    private void Finish(SpeechTurn turn, ErrorReason error)
    {
        _playback.Start(turn);
        if (turn.State == TurnState.Started)
        {
            _playback.Seal(turn);
        }

        error = turn.Failure != ErrorReason.Unspecified ? turn.Failure : error;
        endings.End(turn, error == ErrorReason.Unspecified ? TurnOutcome.Completed : TurnOutcome.Failed, error, "");
    }

    private void Fail(SpeechTurn turn, ErrorReason reason)
    {
        if (context.Settings.Egress!.Room.Fallback == EgressFallback.Feed)
        {
            FallBack();
        }

        if (turn.IsPublished)
        {
            endings.End(turn, TurnOutcome.Failed, reason, "");
        }
    }

    private TimeSpan? SignalDue(SpeechTurn turn) => turn.Signals.Awaited == AwaitedSignal.None
        ? null
        : context.Limits.PlaybackSignalTimeout - context.Since(turn.Signals.Since);

    // When it should have been heard, and the signal that it has been should have come.
    private TimeSpan? EndDue(SpeechTurn turn) =>
        turn is { IsComplete: true, Motion.Current: not null, Signals.Awaited: AwaitedSignal.None } && turn.Sent == turn.Samples
            ? turn.Clock.TimeUntil(turn.Samples) + context.Limits.PlaybackSignalTimeout
            : null;
}
