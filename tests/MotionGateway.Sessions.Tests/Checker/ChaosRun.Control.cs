using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.Sessions.Tests.Checker;

// Interrupts, pauses, viewers, and the end.
internal sealed partial class ChaosRun
{
    private void InterruptAll()
    {
        int who = _random.Next(3);
        bool hasSeen = who > 0 && _random.Next(2) == 0;
        var seen = hasSeen ? new LogPosition(1, Math.Max(0, _simulation.Log.End.Sequence - _random.Next(30))) : (LogPosition?)null;
        Tell($"interrupt all by {who}, seen {seen}");
        Do(() =>
        {
            bool isSilent = Session.IsSilent;
            bool isDone = who switch
            {
                0 => !Session.Interrupt(_simulation.Lease, "", InterruptScope.Unspecified, "stop").AlreadyEnded,
                1 => !Session.Interrupt("", InterruptScope.All, "stop", seen).AlreadyEnded,
                _ => InterruptAsViewer(seen),
            };
            if (seen is { } position && !isDone)
            {
                Demand(isSilent || Session.IsSilent || position.Sequence < _allInterruptedAt, "An interrupt is not done, and nobody came before.");
                return;
            }

            _allInterruptedAt = isDone ? _simulation.Log.End.Sequence : _allInterruptedAt;
            foreach (var reply in _log.Replies.Where(reply => reply.Sent > 0))
            {
                reply.VoidAfter ??= _simulation.Log.End.Sequence;
            }

            Demand(Session.IsSilent, "Something goes on after an interrupt of everything.");
            OnInterrupted(isSpeakers: who == 0);
        });
    }

    private bool InterruptAsViewer(LogPosition? seen)
    {
        bool wasSilent = Session.IsSilent;
        Session.ViewerEvent(new ViewerEvent
        {
            Interrupt = new ViewerInterrupt
            {
                Reason = "stop",
                Position = seen is { } position ? new Position { Epoch = position.Epoch, Sequence = position.Sequence } : null,
            },
        });
        return !wasSilent && Session.IsSilent;
    }

    // After its own interrupt a speaker that names nothing goes on with another reply; after another's it does not know.
    private void OnInterrupted(bool isSpeakers)
    {
        if (isSpeakers && !_isNamed)
        {
            Current = null;
        }
    }

    private void InterruptOne()
    {
        var reply = _log.Replies.Count == 0 ? null : _log.Replies[_random.Next(_log.Replies.Count)];
        bool isSpeakers = _random.Next(2) == 0;
        if (reply is null || !_isNamed)
        {
            return;
        }

        string name = _random.Next(6) == 0 ? $"reply-{_names + 1}" : reply.Name;
        Tell($"interrupt {name}, by speaker {isSpeakers}");
        Do(() =>
        {
            var result = isSpeakers
                ? Session.Interrupt(_simulation.Lease, name, InterruptScope.Unspecified, "stop")
                : Session.Interrupt(name, InterruptScope.Unspecified, "stop", seen: null);
            string[] meant = [name, .. result.FurtherTurnIds];
            foreach (var one in _log.Replies.Where(one => meant.Contains(one.Name)))
            {
                one.VoidAfter ??= _simulation.Log.End.Sequence;
            }

            if (_log.Replies.TrueForAll(one => one.Name != name))
            {
                _voidNames.Add(name);
            }
        });
    }

    private void Pause()
    {
        Tell("pause");
        Do(() => Session.PausePlayback(_simulation.Lease));
        Pass(_random.Next(1500));
        Do(() => Session.ResumePlayback(_simulation.Lease));
    }

    private void ReportPlayback()
    {
        if (_log.Turns.LastOrDefault(turn => turn.Ended is null && turn.FirstAudioAt is not null) is { } turn)
        {
            Tell($"report of {turn.Id}");
            turn.Lag = _plan.Limits.MaxViewerLag;
            long heard = (long)turn.Listener.Heard(_world.Now);
            Do(() => Session.ViewerEvent(new ViewerEvent
            {
                Playback = new PlaybackReport { TurnId = turn.Id, PlayedSamples = Math.Max(0, heard - _random.Next(_plan.Settings.SampleRate * 4)) },
            }));
        }
    }

    private void Leave()
    {
        Tell("leave and come back");
        Do(() => Session.Detach(_simulation.Lease, 0));
        Pass(_random.Next(2000));
        if (Session.IsClosed)
        {
            return;
        }

        string token = _simulation.Lease.ResumeToken;
        var turns = _simulation.Resume(token);
        if (_random.Next(3) == 0)
        {
            // The answer got lost.
            turns = _simulation.Resume(token);
        }

        Coverage.Note("Resumed");
        foreach (var turn in turns)
        {
            Demand(!_isNamed || turn.ReceivedBytes == _speaker.SentOf(turn.TurnId), $"A resume tells {turn.ReceivedBytes} bytes of {turn.TurnId}.");
            Demand(turn.HandledBytes <= turn.ReceivedBytes && turn.DiscardedBytes <= turn.HandledBytes, "A resume tells impossible bytes.");
        }
    }

    private void End()
    {
        int how = _random.Next(6);
        Tell($"the end, {how}");
        if (how == 0)
        {
            Do(() => Session.Close(_simulation.Lease, "bye"));
            CheckClosed(TimeSpan.Zero, isWhole: false);
        }
        else if (how == 1)
        {
            Do(() => Session.Detach(_simulation.Lease, 0));
            CheckClosed(_plan.Limits.ResumeWindow + TimeSpan.FromSeconds(1), isWhole: false);
        }
        else if (how == 2 && !Session.IsClosed)
        {
            EndAllReplies();
            Demand(_world.PassUntil(() => Session.IsSilent, TimeSpan.FromMinutes(5)), "The turns do not end.");
            CheckRequests();
            Do(() => Session.CloseWhenHeard());
            CheckClosed(TimeSpan.Zero, isWhole: true);
        }
        else
        {
            Do(() => Session.Finish(_simulation.Lease));
            Do(() => Session.Detach(_simulation.Lease, 0));
            CheckClosed(TimeSpan.FromMinutes(5), isWhole: true);
        }
    }

    private void EndAllReplies()
    {
        foreach (var reply in _log.Replies.Where(reply => !reply.IsEnded && (_isNamed || reply == Current)).ToList())
        {
            Do(() => Session.EndTurn(_simulation.Lease, reply.Name));
            reply.IsEnded = true;
        }
    }

    // Every request that was begun at the Motion Server is ended or interrupted there, when its turn is over.
    private void CheckRequests()
    {
        _world.Pass(100);
        foreach (var request in _server.Requests)
        {
            Demand(request.IsOver || request.IsEnded || request.IsInterrupted || request.Leg.IsEnded || !request.Leg.IsOpen, $"Request {request.Id} is left open.");
        }
    }

    private void CheckClosed(TimeSpan within, bool isWhole)
    {
        Demand(_world.PassUntil(() => Session.IsClosed, within), "The session is not closed.");
        _world.Do(() => { });
        Demand(_server.OpenLegs == 0, "A closed session keeps its connection.");
        Demand(_simulation.Closed == 1, "The host is not told of the end, or twice.");
        _log.End();
        _speaker.End();
        _lazy.End();
        if (isWhole)
        {
            CheckReplies();
        }

        _simulation.Dispose();
        Demand(_simulation.Budget.Held == 0, $"{_simulation.Budget.Held} bytes are still held.");
        Demand(_server.Legs.TrueForAll(leg => leg.IsEnded), "A connection is never closed.");
    }

    // What nobody stopped was heard.
    private void CheckReplies()
    {
        foreach (var reply in _log.Replies.Where(reply => reply is { VoidAfter: null, Due: > 1 } && !_voidNames.Contains(reply.Name)))
        {
            var turn = reply.TurnId is null ? null : _log.Find(reply.TurnId);
            Demand(turn?.Ended is not null, $"Reply {reply.Name} was never spoken.");
            var outcome = turn!.Ended!.Outcome;
            Demand(
                reply.Refused == ErrorReason.Unspecified
                    ? outcome is TurnOutcome.Completed or TurnOutcome.AudioOnly
                    : outcome == TurnOutcome.Failed && turn.Ended.Error == reply.Refused,
                $"Reply {reply.Name}, refused {reply.Refused}, is {outcome} {turn.Ended.Error}.");
        }
    }
}
