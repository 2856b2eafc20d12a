using MotionGateway.MotionServer;

namespace MotionGateway.Sessions;

/// <summary>The connections of a link, one after the other.</summary>
internal sealed partial class MotionLink
{
    // A request is said goodbye to where it is under way, and nowhere else.
    private Leg? PresentOnly(Leg leg)
    {
        lock (_lock)
        {
            return leg == _leg ? leg : null;
        }
    }

    // Nothing comes of a request after its end.
    private void ForgetLost(string requestId, bool isEnd)
    {
        if (isEnd)
        {
            lock (_lock)
            {
                _lost.Remove(requestId);
            }
        }
    }

    // The leg that the request is under way on, or a new one for a new request; null when its motion is lost.
    private async Task<Leg?> LegForAsync(string requestId)
    {
        lock (_lock)
        {
            if (_lost.Contains(requestId))
            {
                return null;
            }

            if (_leg is not null)
            {
                _leg.UnderWay.Add(requestId);
                return _leg;
            }
        }

        try
        {
            return await ConnectAsync(requestId);
        }
        catch (MotionServerException failure)
        {
            LoseRequest(requestId, failure);
        }
        catch (ObjectDisposedException exception)
        {
            LoseRequest(requestId, new MotionServerException(
                MotionServerErrorCode.ConnectionClosed, MotionServerPhase.WebSocketConnect,
                "The way to the Motion Server is closed.", exception));
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The session is being disposed.
        }

        return null;
    }

    private async Task<Leg> ConnectAsync(string requestId)
    {
        await _receiving;
        var connection = await _connector.ConnectAsync(_connection, _stopping.Token);
        _latest.Stop.Dispose();
        var leg = _latest = new Leg(connection, CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token));
        leg.UnderWay.Add(requestId);
        lock (_lock)
        {
            _leg = leg;
        }

        _receiving = ReceiveAsync(leg);
        return leg;
    }

    private void LoseRequest(string requestId, MotionServerException failure)
    {
        lock (_lock)
        {
            _lost.Add(requestId);
        }

        _owner.OnMotionLost(new HashSet<string> { requestId }, failure);
    }

    private async Task ReceiveAsync(Leg leg)
    {
        try
        {
            await foreach (var message in leg.Connection.ReadMotionAsync(leg.Stop.Token))
            {
                using (message)
                {
                    _owner.OnMotion(message);
                }
            }

            Lose(leg, new MotionServerException(
                MotionServerErrorCode.ConnectionClosed, MotionServerPhase.WebSocketRuntime,
                "The Motion Server closed the connection."));
        }
        catch (MotionServerException failure)
        {
            Lose(leg, failure);
        }
        catch (OperationCanceledException) when (leg.Stop.IsCancellationRequested)
        {
            // The leg is lost already, or the session is being disposed.
        }

        // The next connection waits for the end of this one, which may count against the app's concurrency; but not for long.
        using var limit = new CancellationTokenSource(GoodbyeLimit);
        await leg.Connection.CloseAsync(limit.Token);
        await leg.Connection.DisposeAsync();
    }

    // Sender and receiver may both notice: the first one tells.
    private void Lose(Leg leg, MotionServerException failure)
    {
        HashSet<string> lost;
        lock (_lock)
        {
            if (_leg != leg)
            {
                return;
            }

            _leg = null;
            lost = [.. leg.UnderWay];
            _lost.UnionWith(lost);
        }

        leg.Stop.Cancel();
        if (!_stopping.IsCancellationRequested)
        {
            _owner.OnMotionLost(lost, failure);
        }
    }

    /// <summary>One connection, and the requests whose motion is expected on it.</summary>
    private sealed record Leg(IMotionConnection Connection, CancellationTokenSource Stop)
    {
        public HashSet<string> UnderWay { get; } = [];
    }
}
