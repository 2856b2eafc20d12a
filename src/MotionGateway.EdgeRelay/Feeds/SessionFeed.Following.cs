using MotionGateway.Feeds;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <content>The loop that follows the session, and begins anew where it was lost.</content>
internal sealed partial class SessionFeed
{
    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        // The caller holds a lock.
        await Task.Yield();
        _metrics.FeedBegan();
        SessionFeedLog.Began(_logger, SessionId);
        try
        {
            await FollowToEndAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            End(new GatewayException(ErrorReason.ShuttingDown, "The relay no longer follows the session. Try again."));
        }
        catch (Exception exception)
        {
            SessionFeedLog.Broken(_logger, exception, SessionId);
            End(new GatewayException(ErrorReason.Internal, "The relay failed."));
        }
        finally
        {
            _caughtUp.TrySetResult();
            _metrics.FeedEnded();
            SessionFeedLog.Ended(_logger, SessionId);
        }
    }

    private async Task FollowToEndAsync(CancellationToken cancellationToken)
    {
        if (!await _gateway.Link.TryWaitAsync(FirstWait, cancellationToken))
        {
            End(GatewayFailures.Unavailable());
            return;
        }

        while (await FollowOnceAsync(cancellationToken) is { } failure)
        {
            if (failure.Reason == ErrorReason.GatewayUnavailable)
            {
                _gateway.Link.Suspect();
            }

            if (!CanFollowAgain(failure) || !await TryWaitAsync(failure, cancellationToken))
            {
                SessionFeedLog.Failed(_logger, SessionId, ErrorTable.GetName(failure.Reason), failure.Message);
                End(failure);
                return;
            }
        }
    }

    /// <returns>Why the feed ended; null when the session has.</returns>
    private async Task<GatewayException?> FollowOnceAsync(CancellationToken cancellationToken)
    {
        await using var call = _gateway.OpenLive(CreateStart(), Events, cancellationToken);
        try
        {
            while (await call.MoveNextAsync(_log is { IsTurnUnderWay: true } ? _turnSilence : _options.PeerTimeout))
            {
                var response = call.Current;
                if (Accept(response))
                {
                    ServeViewers();
                    Tell(call, response.Length);
                }
            }

            // The gateway ends a feed by itself when all of the log has been read. Without the session's end in the window,
            // the session had ended before the feed began.
            return _log is { IsComplete: true } ? null : new GatewayException(ErrorReason.SessionClosed, "The session is closed.");
        }
        catch (GatewayException failure)
        {
            return failure;
        }
    }

    // The gateway waits for the end to be read.
    private void Tell(FeedCall call, int bytes)
    {
        if (Log.IsComplete)
        {
            call.Acknowledge(Log.End);
        }
        else
        {
            call.Processed(Log.End, bytes, _windowBytes);
        }
    }

    private StartFeed CreateStart()
    {
        var start = new StartFeed { SessionId = SessionId };
        if (_log is { } log)
        {
            start.Position = new Position { Epoch = log.Epoch, Sequence = log.End.Sequence };
        }
        else
        {
            start.Start = FeedStart.CurrentTurn;
        }

        return start;
    }

    private bool CanFollowAgain(GatewayException failure)
    {
        if (_log is null || _log.IsComplete || GatewayFailures.EndsFeed(failure.Reason))
        {
            return false;
        }

        if (Loss.Lose())
        {
            _backoff.Reset();
        }

        _metrics.GatewayLost(failure.Reason);
        return Loss.TimeLeft > TimeSpan.Zero;
    }

    // A failure of this session alone is a matter of its own pauses, a gateway that is away one of the link's.
    /// <returns>False when there is no time left.</returns>
    private async Task<bool> TryWaitAsync(GatewayException failure, CancellationToken cancellationToken)
    {
        var pause = _backoff.Next(failure.RetryAfter);
        SessionFeedLog.Lost(_logger, SessionId, ErrorTable.GetName(failure.Reason), pause.TotalMilliseconds);
        await Task.Delay(pause, _timeProvider, cancellationToken);
        return await _gateway.Link.TryWaitAsync(Loss.TimeLeft, cancellationToken);
    }

    private void End(GatewayException failure)
    {
        var told = GatewayFailures.ForViewers(failure);
        if (_opened.TrySetException(told))
        {
            // Observed here: a feed may fail when its viewers have left.
            _ = _opened.Task.Exception;
        }

        _log?.Fail(told);
        ServeViewers();
    }
}
