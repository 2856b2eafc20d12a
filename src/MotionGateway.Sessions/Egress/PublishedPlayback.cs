using MotionGateway.Feeds;
using MotionGateway.MotionServer;
using MotionGateway.V1;

namespace MotionGateway.Sessions;

/// <summary>The playback of a turn that the Motion Server publishes: how it starts, is held and goes on, and what is told of it in the log.</summary>
internal sealed class PublishedPlayback(CoreContext context)
{
    public static ReportedPlayback ClockOf(SpeechTurn turn) => (ReportedPlayback)turn.Clock;

    /// <summary>A turn's request is given up: what it had under way is not wanted, and nothing is heard until another one plays.</summary>
    /// <param name="turn">The turn.</param>
    /// <param name="request">Its request.</param>
    /// <param name="isOver">The Motion Server has said that it is over.</param>
    public static void LetGo(SpeechTurn turn, MotionRequest request, bool isOver = false)
    {
        ClockOf(turn).Stop();
        request.IsOver = isOver;
        request.IsFenced = true;
        request.Leg.Abandon(request);
        request.Opus?.Dispose();
        turn.Motion.Current = null;
        turn.Signals.Await(AwaitedSignal.None, 0);
    }

    /// <summary>Holds a turn. Nothing happens when it is held.</summary>
    /// <exception cref="GatewayException">The Motion Server has no such feature.</exception>
    public void Pause(SpeechTurn turn)
    {
        if (IsToBeHeld(turn))
        {
            return;
        }

        if (turn.Motion.Current is { } request)
        {
            ThrowIfNotControllable(request.Leg);
            turn.Signals.Await(AwaitedSignal.Pause, context.Now);
            request.Leg.Pause(request);
        }
        else
        {
            // Nothing plays while another connection is being made.
            Hold(turn);
        }
    }

    /// <summary>Lets a held turn go on. Nothing happens when it is not held.</summary>
    public void Resume(SpeechTurn turn)
    {
        if (!IsToBeHeld(turn))
        {
            return;
        }

        if (turn.Motion.Current is { } request)
        {
            turn.Signals.Await(AwaitedSignal.Resume, context.Now);
            request.Leg.Resume(request);
        }
        else
        {
            GoOn(turn);
        }
    }

    /// <summary>What was asked of a request that is gone is so of the turn.</summary>
    public void Obey(SpeechTurn turn, AwaitedSignal asked)
    {
        if (asked == AwaitedSignal.Pause)
        {
            Hold(turn);
        }
        else if (asked == AwaitedSignal.Resume)
        {
            GoOn(turn);
        }
    }

    /// <summary>It plays.</summary>
    public void Start(SpeechTurn turn)
    {
        if (turn.State == TurnState.Waiting)
        {
            turn.State = TurnState.Started;
            turn.Times.Released = context.Now;
            context.Writer.Start(turn);
        }
    }

    /// <summary>All of its speech is with the Motion Server.</summary>
    public void Seal(SpeechTurn turn)
    {
        turn.State = TurnState.Sealed;
        turn.Times.Sealed = context.Now;
        context.Writer.Seal(turn);
    }

    /// <summary>It is held.</summary>
    /// <param name="turn">The turn.</param>
    /// <param name="heard">Samples heard, as the Motion Server tells; null: as far as is known.</param>
    public void Hold(SpeechTurn turn, long? heard = null)
    {
        bool wasHeld = turn.Clock.IsPaused;
        turn.Clock.Pause();
        if (heard is { } samples)
        {
            ClockOf(turn).Report(samples, isRunning: true);
        }

        if (!wasHeld)
        {
            turn.Times.Paused = context.Now;
            context.Writer.ChangePlayback(turn, paused: true);
        }
    }

    /// <summary>It goes on.</summary>
    public void GoOn(SpeechTurn turn)
    {
        if (turn.Clock.IsPaused)
        {
            context.Writer.ChangePlayback(turn, paused: false);
            turn.Clock.Resume();
        }
    }

    /// <summary>The signal that is awaited does not come: the turn goes on as if it had.</summary>
    public void Presume(SpeechTurn turn)
    {
        var awaited = turn.Signals.Awaited;
        turn.Signals.Settle(awaited);
        switch (awaited)
        {
            case AwaitedSignal.Start:
                Start(turn);
                turn.Clock.Start();
                break;
            case AwaitedSignal.Pause:
                Hold(turn);
                break;
            default:
                GoOn(turn);
                break;
        }
    }

    // What was asked last counts, answered or not.
    private static bool IsToBeHeld(SpeechTurn turn) => turn.Signals.Awaited switch
    {
        AwaitedSignal.Pause => true,
        AwaitedSignal.Resume => false,
        _ => turn.Clock.IsPaused,
    };

    private static void ThrowIfNotControllable(MotionLeg leg)
    {
        if (!leg.Connection.Capabilities.Contains(MotionCapabilities.PlaybackControl))
        {
            throw new GatewayException(
                ErrorReason.InvalidRequest, $"This Motion Server cannot hold a playback: see whether opened.capabilities has {MotionCapabilities.PlaybackControl}.")
            {
                Field = "pause_playback",
            };
        }
    }
}
