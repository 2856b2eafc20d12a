using System.Diagnostics;
using MotionGateway.MotionServer;

namespace MotionGateway.Sessions;

/// <summary>What goes over a session's connections, and what comes back.</summary>
internal sealed partial class MotionSupply
{
    private enum StepKind
    {
        Wait,
        Connect,
        LetGo,
        Control,
        Send,
        End,
    }

    private Step NextStep()
    {
        lock (_sessionLock)
        {
            _speech.Release();
            if (_retiring.Find(leg => leg is { OpenRequests: 0, HasControl: false }) is { } done)
            {
                _retiring.Remove(done);
                done.IsLost = true;
                return new Step(StepKind.LetGo) { Leg = done };
            }

            if (NextControlLocked() is { } control)
            {
                return control;
            }

            bool mayAsk = HeldOffLeft <= TimeSpan.Zero;
            if (_leg is null)
            {
                return new Step(mayAsk && Demand.NeedsLeg ? StepKind.Connect : StepKind.Wait);
            }

            if (Demand.IsStale(_leg))
            {
                return LetGoLocked(_leg);
            }

            if (Demand.NextToSend(_leg, mayAsk) is { } request)
            {
                _isParking = false;
                return TakeLocked(request);
            }

            if (_isParking)
            {
                return LetGoLocked(_leg);
            }

            if (IsReplaceDueLocked())
            {
                _replacedAt = _timeProvider.GetTimestamp();
                _replacing = ReplaceAsync();
            }

            return new Step(StepKind.Wait);
        }
    }

    private Step LetGoLocked(MotionLeg leg)
    {
        (_leg, _isParking, leg.IsLost) = (null, false, true);
        return new Step(StepKind.LetGo) { Leg = leg };
    }

    private Step? NextControlLocked()
    {
        var next = TakeControl(_leg);
        for (int i = 0; next is null && i < _retiring.Count; i++)
        {
            next = TakeControl(_retiring[i]);
        }

        return next;
    }

    private static Step? TakeControl(MotionLeg? leg) => leg is not null && leg.TryTakeControl(out var next)
        ? new Step(StepKind.Control) { Request = next.Request, Control = next.Control }
        : null;

    private Step TakeLocked(MotionRequest request)
    {
        if (!_speech.TryTake(request, Demand.MaySendThrough(request), out var speech))
        {
            request.IsEndSent = true;
            return new Step(StepKind.End) { Request = request };
        }

        return new Step(StepKind.Send) { Request = request, Speech = speech, Through = request.SentThrough };
    }

    private async Task SendAsync(Step step)
    {
        var request = step.Request!;
        if (request.Handle is null)
        {
            // The request is made with its first speech, and is then part of the turn's trace with all that comes back.
            Activity.Current = request.Turn.Trace.Context;
        }

        try
        {
            if ((request.Handle ?? Start(request)) is not { } handle)
            {
                return;
            }

            if (step.Kind == StepKind.End)
            {
                await handle.EndAsync(_stopping.Token);
                return;
            }

            if (!step.Speech.IsEmpty)
            {
                await handle.SendAsync(step.Speech, _stopping.Token);
            }

            _owner.OnSpeechSent(request, step.Through);
        }
        catch (MotionServerException failure)
        {
            EndLeg(request.Leg, failure);
        }
        catch (InvalidOperationException) when (request.IsFenced || request.Leg.IsLost)
        {
            // It was given up in the meantime.
        }
    }

    private async Task ControlAsync(MotionRequest request, LegControl control)
    {
        var handle = request.Handle!;
        try
        {
            await (control switch
            {
                LegControl.End => handle.EndAsync(_stopping.Token),
                LegControl.Pause => handle.PauseAsync(_stopping.Token),
                LegControl.Resume => handle.ResumeAsync(_stopping.Token),
                _ => handle.InterruptAsync(_stopping.Token),
            });
        }
        catch (MotionServerException failure)
        {
            EndLeg(request.Leg, failure);
        }
        catch (ObjectDisposedException)
        {
            // It is over.
        }
    }

    // Whether it is still wanted may have changed since it was taken.
    private IMotionRequest? Start(MotionRequest request)
    {
        var handle = request.Leg.Connection.StartRequest();
        lock (_sessionLock)
        {
            request.Handle = handle;
            if (!request.IsFenced)
            {
                if (!request.Leg.HasEgress)
                {
                    request.Leg.OpenRequests++;
                    _readers.Add(ReadAsync(request, handle));
                }

                return handle;
            }
        }

        // Nothing was sent of it: there is nothing to say.
        return null;
    }

    private async Task ReadAsync(MotionRequest request, IMotionRequest handle)
    {
        await Task.Yield();
        try
        {
            await foreach (var message in handle.ReadMotionAsync(_stopping.Token))
            {
                using (message)
                {
                    _owner.OnMotion(request, message);
                }
            }
        }
        catch (MotionServerException failure)
        {
            if (request.Leg.Connection.Completion.IsCompleted || failure.Code == MotionServerErrorCode.MotionTimeout)
            {
                EndLeg(request.Leg, failure);
            }
            else
            {
                _owner.OnRequestFailed(request, failure);
            }
        }
        catch (Exception exception) when (_stopping.IsCancellationRequested && exception is OperationCanceledException or ObjectDisposedException)
        {
            // The session is over.
        }
        catch (Exception defect)
        {
            _owner.OnDefect(defect);
        }

        lock (_sessionLock)
        {
            request.Leg.OpenRequests--;
            NudgeLocked();
        }
    }

    private async Task WatchAsync(MotionLeg leg)
    {
        MotionServerException? failure = null;
        try
        {
            await leg.Connection.Completion;
        }
        catch (MotionServerException exception)
        {
            failure = exception;
        }
        catch (Exception defect)
        {
            _owner.OnDefect(defect);
        }

        EndLeg(leg, failure);
    }

    // Whoever notices first tells: sender, reader or watcher.
    private void EndLeg(MotionLeg leg, MotionServerException? failure)
    {
        lock (_sessionLock)
        {
            _readers.RemoveWhere(static task => task.IsCompleted);
            if (leg.IsLost)
            {
                return;
            }

            leg.IsLost = true;
            _leg = _leg == leg ? null : _leg;
            _retiring.Remove(leg);
        }

        _sources.Learn(leg, failure);
        _sources.LetGo(leg);
        _owner.OnLegEnded(leg, failure);
        _wake.Set();
    }

    private readonly record struct Step(StepKind Kind)
    {
        public MotionLeg? Leg { get; init; }

        public MotionRequest? Request { get; init; }

        public LegControl Control { get; init; }

        public ReadOnlyMemory<byte> Speech { get; init; }

        public long Through { get; init; }
    }
}
