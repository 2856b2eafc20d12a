using Google.Protobuf.WellKnownTypes;
using MotionGateway.Feeds;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>Ends the feed of a viewer that is late with something. Used by the viewer's worker, but for <see cref="Heard"/>.</summary>
/// <param name="viewer">The viewer.</param>
/// <param name="sending">What is being sent to it.</param>
/// <param name="dues">When it is late with what.</param>
/// <param name="isHeardFrom">Whether it says from time to time that it is there.</param>
/// <param name="services">The limits, and the clock.</param>
internal sealed class ViewerWatch(Viewer viewer, ViewerSending sending, ViewerDues dues, bool isHeardFrom, ViewerServices services)
{
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    // Told by the loop that receives.
    private long _heardAt;
    private volatile bool _hasStarted;

    private readonly EdgeRelayOptions _options = services.Options;
    private DateTimeOffset _expireTime;
    private bool _isWatching;

    /// <summary>Something has come from the viewer. Called by the loop that receives.</summary>
    /// <param name="now">When.</param>
    /// <param name="isStarted">Whether its start has.</param>
    public void Heard(TimeSpan now, bool isStarted)
    {
        Volatile.Write(ref _heardAt, now.Ticks);
        _hasStarted |= isStarted;
    }

    /// <summary>Fails the viewer where it is late. The first call begins the watch.</summary>
    public void Look(TimeSpan now)
    {
        if (!_isWatching)
        {
            _isWatching = true;
            dues.Set(ViewerDue.Start, now + _options.StartTimeout);
            dues.Set(ViewerDue.Silence, isHeardFrom ? now + _options.PeerTimeout : TimeSpan.MaxValue);
        }

        for (var due = dues.Take(now); due != ViewerDue.None; due = dues.Take(now))
        {
            Meet(due, now);
        }
    }

    /// <summary>The viewer has shown a token, and may follow the session as long as that says.</summary>
    public void BeginTerm(ViewerIdentity identity, TimeSpan now)
    {
        var time = services.TimeProvider.GetUtcNow();
        _expireTime = identity.ExpireTime;
        dues.Set(ViewerDue.TokenNotice, now + (identity.GetNoticeTime(time) - time));
        dues.Set(ViewerDue.TokenEnd, now + (identity.EndTime - time));
    }

    /// <summary>The feed is over: gives the viewer a time to take what it has been sent, and to close.</summary>
    public void BeginClose(TimeSpan now, bool hasFailed)
    {
        dues.ClearAll();

        // After a normal end the viewer may still be reading what it was sent.
        dues.Set(ViewerDue.Close, now + (hasFailed ? CloseTimeout : _options.WriteTimeout));
    }

    private void Meet(ViewerDue due, TimeSpan now)
    {
        switch (due)
        {
            case ViewerDue.Start when !_hasStarted:
                Fail(ErrorReason.HeartbeatTimeout, $"No start came within {_options.StartTimeout.TotalSeconds:0.#} s of connecting.");
                break;
            case ViewerDue.Silence:
                CheckSilence(now);
                break;
            case ViewerDue.Write when sending.IsBusy:
                Fail(ErrorReason.ReaderTooSlow, "The viewer does not read.");
                sending.Abort();
                break;
            case ViewerDue.TokenNotice:
                var expiring = new ViewerTokenExpiring { ExpiresAt = Timestamp.FromDateTimeOffset(_expireTime) };
                viewer.Tell(new SubscribeResponse { TokenExpiring = expiring });
                break;
            case ViewerDue.TokenEnd:
                viewer.Fail(ViewerTokens.Expired());
                break;
            case ViewerDue.Grace:
                Fail(ErrorReason.ShuttingDown, "The relay shuts down. Connect again and resume by position.");
                break;
            case ViewerDue.Close:
                sending.Abort();
                break;
            default:
                // Seen to when what can be sent has been.
                break;
        }
    }

    private void CheckSilence(TimeSpan now)
    {
        var due = TimeSpan.FromTicks(Volatile.Read(ref _heardAt)) + _options.PeerTimeout;
        if (due > now)
        {
            dues.Set(ViewerDue.Silence, due);
            return;
        }

        Fail(ErrorReason.HeartbeatTimeout, "Nothing came from the viewer for too long.");
    }

    private void Fail(ErrorReason reason, string message) => viewer.Fail(new GatewayException(reason, message));
}
