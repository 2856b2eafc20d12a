using MotionGateway.Feeds;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>What a viewer's worker is told about it from other threads.</summary>
/// <param name="told">Called when something was told.</param>
internal sealed class ViewerInbox(Action told) : IAsyncDisposable
{
    private const int MaxAnswers = 16;

    private readonly CancellationTokenSource _ended = new();

    // Guards all below.
    private readonly Lock _lock = new();
    private Queue<SubscribeResponse>? _answers;
    private ViewerFeed? _opened;
    private LogPosition? _acknowledged;
    private LogPosition _sent;
    private bool _isAcknowledgementAwaited = true;
    private ViewerIdentity? _renewed;
    private TimeSpan? _goesAwayAt;
    private GatewayException? _failure;
    private Task? _cancelling;

    /// <summary>Cancelled when the feed ends.</summary>
    public CancellationToken Ended => _ended.Token;

    public bool IsEnded => _ended.IsCancellationRequested;

    /// <summary>Why the feed has ended; null for a normal end.</summary>
    public GatewayException? Failure
    {
        get
        {
            lock (_lock)
            {
                return _failure;
            }
        }
    }

    /// <returns>False when the feed has ended.</returns>
    public bool TryOpen(ViewerFeed feed)
    {
        lock (_lock)
        {
            if (_cancelling is not null)
            {
                return false;
            }

            _opened = feed;
        }

        told();
        return true;
    }

    public void Acknowledge(LogPosition position)
    {
        bool isAwaited;
        lock (_lock)
        {
            // A wrong one stays until the worker has seen it.
            if (_acknowledged is not { } last || (last.Epoch == position.Epoch && last.Sequence < position.Sequence))
            {
                _acknowledged = position;
            }

            isAwaited = _isAcknowledgementAwaited || position.Epoch != _sent.Epoch || position.Sequence > _sent.Sequence;
        }

        if (isAwaited)
        {
            told();
        }
    }

    /// <summary>Says what the worker has sent, and whether it waits for an acknowledgement: one of what was sent is told with the next wake else.</summary>
    /// <returns>Whether the one that it waits for has come meanwhile.</returns>
    public bool Await(LogPosition sent, bool isAwaited)
    {
        lock (_lock)
        {
            (_sent, _isAcknowledgementAwaited) = (sent, isAwaited);
            return isAwaited && _acknowledged is not null;
        }
    }

    public void Renew(ViewerIdentity identity)
    {
        lock (_lock)
        {
            _renewed = identity;
        }

        told();
    }

    public void Add(SubscribeResponse answer)
    {
        lock (_lock)
        {
            _answers ??= new Queue<SubscribeResponse>();
            if (_answers.Count < MaxAnswers)
            {
                _answers.Enqueue(answer);
            }
        }

        told();
    }

    public void GoAway(TimeSpan at)
    {
        lock (_lock)
        {
            _goesAwayAt = at;
        }

        told();
    }

    /// <summary>Ends the feed. The first end counts.</summary>
    public void End(GatewayException? failure)
    {
        lock (_lock)
        {
            if (_cancelling is not null)
            {
                return;
            }

            _failure = failure;

            // What is cancelled runs elsewhere: this may be the worker.
            _cancelling = _ended.CancelAsync();
        }

        told();
    }

    /// <summary>Takes what has been told since the last time.</summary>
    public (ViewerFeed? Opened, LogPosition? Acknowledged, ViewerIdentity? Renewed, TimeSpan? GoesAwayAt) Take()
    {
        lock (_lock)
        {
            var told = (_opened, _acknowledged, _renewed, _goesAwayAt);
            (_opened, _acknowledged, _renewed, _goesAwayAt) = (null, null, null, null);
            return told;
        }
    }

    public SubscribeResponse? TakeAnswer()
    {
        lock (_lock)
        {
            return _answers?.TryDequeue(out var answer) == true ? answer : null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_cancelling is { } cancelling)
        {
            await cancelling;
        }

        _ended.Dispose();
    }
}
