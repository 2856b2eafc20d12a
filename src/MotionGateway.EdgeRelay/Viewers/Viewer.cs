using System.Diagnostics;
using MotionGateway.Feeds;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>
/// A viewer as its worker sees it: who it is, what it follows, and how far it is from connecting to leaving. What it is sent next
/// say its <see cref="ViewerMessages"/>, what it may be late with its <see cref="ViewerWatch"/>. Whatever ends the feed is set once
/// and told as the last message.
/// </summary>
[DebuggerDisplay("{Key} of {SessionId}, {_phase}")]
internal sealed class Viewer : FeedFollower, IAsyncDisposable
{
    // Then others have their turn.
    private const int MessagesAtOnce = 16;

    private readonly ViewerServices _services;
    private readonly IFeedFormat _format;
    private readonly DeadlineWheel<Viewer>.Entry _deadline;
    private readonly ViewerInbox _inbox;
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Told by the loop that receives.
    private volatile bool _hasReceivedAll;

    // The worker's own.
    private readonly ViewerDues _dues = new();
    private readonly ViewerSending _sending;
    private readonly ViewerWatch _watch;
    private ViewerPhase _phase;
    private ViewerFeed? _feed;
    private ViewerMessages? _messages;
    private ViewerPace? _pace;
    private TimeSpan? _goesAwayAt;
    private TimeSpan _cameAt;

    public Viewer(string sessionId, IViewerTransport transport, IFeedFormat format, FanOutWorker worker, ViewerServices services)
        : base(worker)
    {
        SessionId = sessionId;
        _format = format;
        _services = services;
        _deadline = new(this);
        _inbox = new(Post);
        _sending = new(this, transport, format, _dues, worker.Now, services);
        _watch = new(this, _sending, _dues, isHeardFrom: format.Heartbeats == FeedHeartbeats.OfBoth, services);
        _watch.Heard(worker.Now, isStarted: false);
    }

    public string SessionId { get; }

    /// <inheritdoc cref="IFeedFormat.Transport"/>
    public string Transport => _format.Transport;

    /// <summary>Identity and reader: a later feed with the same takes this one's place. Known once the start is verified.</summary>
    public (string ViewerId, string ReaderId) Key { get; set; } = ("", "");

    /// <summary>Cancelled when the feed ends.</summary>
    public CancellationToken Ended => _inbox.Ended;

    /// <summary>Completes when the viewer has been told all, and has closed or is gone.</summary>
    public Task Left => _left.Task;

    /// <summary>The viewer's share of a session's feed.</summary>
    public FeedShare GetShare(SessionFeed feed) => feed.GetShare(Worker);

    /// <summary>Gives the viewer what it asked for.</summary>
    /// <returns>False when its feed has ended meanwhile: the caller keeps what it has opened.</returns>
    public bool TryOpen(ViewerFeed feed) => _inbox.TryOpen(feed);

    /// <summary>The viewer has processed its feed up to a position.</summary>
    public void Acknowledge(LogPosition position) => _inbox.Acknowledge(position);

    /// <summary>The viewer has shown a newer token.</summary>
    public void Renew(ViewerIdentity identity) => _inbox.Renew(identity);

    /// <summary>Sends the viewer an answer. One that asks faster than it reads is not answered each time.</summary>
    public void Tell(SubscribeResponse answer) => _inbox.Add(answer);

    /// <summary>Something has come from the viewer.</summary>
    /// <param name="isStarted">Whether its start has.</param>
    public void Heard(bool isStarted) => _watch.Heard(Worker.Now, isStarted);

    /// <summary>Nothing more comes from the viewer.</summary>
    public void HeardAll()
    {
        _hasReceivedAll = true;
        End();
        Post();
    }

    /// <summary>Tells the viewer that the relay shuts down, and ends its feed after a time.</summary>
    public void GoAway(TimeSpan within) => _inbox.GoAway(Worker.Now + within);

    /// <summary>Ends the feed, unless it has failed.</summary>
    public void End() => _inbox.End(failure: null);

    /// <summary>Ends the feed; the viewer is told why. The first failure counts.</summary>
    public void Fail(GatewayException failure) => _inbox.End(failure);

    /// <summary>Ends the feed by an error of the relay's own.</summary>
    public void Break(Exception exception)
    {
        ViewerLog.Broken(_services.Logger, exception, SessionId);
        Fail(new GatewayException(ErrorReason.Internal, "The relay failed."));
    }

    public override void Serve()
    {
        try
        {
            ServePhase(Worker.Now);
        }
        catch (GatewayException failure)
        {
            Fail(failure);
        }
        catch (Exception exception)
        {
            Break(exception);
        }
    }

    /// <summary>To be called when the viewer has left.</summary>
    public async ValueTask DisposeAsync()
    {
        await _sending.DisposeAsync();
        await _inbox.DisposeAsync();
    }

    private void ServePhase(TimeSpan now)
    {
        if (_phase == ViewerPhase.Left)
        {
            return;
        }

        _watch.Look(now);
        _sending.TakeNote(now);
        if (_inbox.IsEnded)
        {
            Close(now);
        }
        else
        {
            TakeTold(now);
            Send(now);
        }

        if (_phase != ViewerPhase.Left)
        {
            Worker.ServeBy(_deadline, _dues.Next);
        }
    }

    private void TakeTold(TimeSpan now)
    {
        var (opened, acknowledged, renewed, goesAwayAt) = _inbox.Take();
        if (opened is not null)
        {
            Follow(opened, now);
        }

        if (renewed is not null)
        {
            _watch.BeginTerm(renewed, now);
        }

        if (acknowledged is { } position)
        {
            _feed!.Cursor.Acknowledge(position);
        }

        if (goesAwayAt is { } due)
        {
            _goesAwayAt = due;
            _dues.Set(ViewerDue.Grace, due);
            _messages?.GoAway(due);
        }
    }

    private void Follow(ViewerFeed opened, TimeSpan now)
    {
        _feed = opened;
        _messages = new ViewerMessages(opened, _inbox, _format, _services);
        if (_goesAwayAt is { } due)
        {
            _messages.GoAway(due);
        }

        _pace = new ViewerPace(opened.Cursor, _services);
        _phase = ViewerPhase.Following;
        _dues.Clear(ViewerDue.Start);
        _watch.BeginTerm(opened.Identity, now);
        GetShare(opened.Feed).Add(this);
        _cameAt = now;
        int viewers = _services.Directory.CountViewers(opened.Feed);
        ViewerLog.Came(_services.Logger, SessionId, Key.ViewerId, Key.ReaderId, viewers);
    }

    private void Send(TimeSpan now)
    {
        if (_feed is not { Cursor: var cursor } || _messages is not { } messages)
        {
            return;
        }

        int count = 0;
        while (!_sending.IsBusy && !_inbox.IsEnded)
        {
            if (count++ == MessagesAtOnce)
            {
                Post();
                break;
            }

            cursor.TryJoin();
            if (!messages.TryTake(now, _sending.SentAt, out var message))
            {
                EndWith(cursor, messages);
                break;
            }

            _sending.Send(message, cursor.Current, now);
        }

        if (_inbox.Await(cursor.Position, cursor.NeedsAcknowledgement))
        {
            Post();
        }

        _dues.Set(ViewerDue.Stall, _pace!.Look(now));
        _dues.Set(ViewerDue.Payload, messages.Due);
        if (!_sending.IsBusy)
        {
            _dues.SetBy(ViewerDue.Heartbeat, FanOutWorker.Together(_sending.SentAt + messages.HeartbeatInterval));
        }
    }

    private void EndWith(FeedCursor cursor, ViewerMessages messages)
    {
        if (messages.IsOver)
        {
            _inbox.End(cursor.IsOver ? cursor.Fault : null);
        }
    }

    // In steps: what is being sent is waited for, then the end is told, then the viewer closes; all of it within a time.
    private void Close(TimeSpan now)
    {
        if (_phase < ViewerPhase.Closing)
        {
            _phase = ViewerPhase.Closing;
            _watch.BeginClose(now, hasFailed: _inbox.Failure is not null);
            LeaveFeed(now);
        }

        if (_sending.IsBusy)
        {
            return;
        }

        if (_phase == ViewerPhase.Closing)
        {
            _phase = ViewerPhase.Closed;
            _sending.TellEnd(_inbox.Failure);
        }
        else if (_hasReceivedAll)
        {
            _phase = ViewerPhase.Left;
            Worker.Forget(_deadline);
            _left.SetResult();
        }
    }

    private void LeaveFeed(TimeSpan now)
    {
        if (_feed is { } followed)
        {
            _feed = null;
            GetShare(followed.Feed).Remove(this);
            Leave(followed);
            string reason = _inbox.Failure is { } failure ? ErrorTable.GetName(failure.Reason) : _hasReceivedAll ? "closed by it" : "session over";
            var stayed = now - _cameAt;
            int viewers = _services.Directory.CountViewers(followed.Feed);
            ViewerLog.Left(_services.Logger, SessionId, Key.ViewerId, Key.ReaderId, reason, stayed.TotalSeconds, viewers);
        }
        else if (_inbox.Take().Opened is { } opened)
        {
            Leave(opened);
        }
    }

    private void Leave(ViewerFeed feed)
    {
        feed.Cursor.Dispose();
        _services.Directory.Leave(this, feed.Feed);
    }
}
