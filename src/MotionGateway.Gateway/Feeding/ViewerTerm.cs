using Google.Protobuf.WellKnownTypes;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.Gateway;

/// <summary>
/// Who the viewer of a feed is, and for how long: it is told when its token will expire, and the feed ends with it unless it is
/// renewed.
/// </summary>
internal sealed class ViewerTerm : IDisposable
{
    private readonly ViewerTokenKeys _keys;
    private readonly ResponseLoop _responses;
    private readonly TimeProvider _timeProvider;
    private readonly ITimer _timer;

    // Guards all below.
    private readonly Lock _lock = new();
    private ViewerIdentity _viewer;
    private bool _isNoticed;

    public ViewerTerm(ViewerIdentity viewer, ViewerTokenKeys keys, ResponseLoop responses, TimeProvider timeProvider)
    {
        _viewer = viewer;
        _keys = keys;
        _responses = responses;
        _timeProvider = timeProvider;
        _timer = timeProvider.CreateTimer(
            static term => ((ViewerTerm)term!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        lock (_lock)
        {
            BeginLocked();
        }
    }

    public ViewerIdentity Viewer
    {
        get
        {
            lock (_lock)
            {
                return _viewer;
            }
        }
    }

    /// <summary>Takes a newer token of the viewer, and tells it so.</summary>
    /// <exception cref="Feeds.GatewayException">The token does not renew this one: all stays as it is.</exception>
    public async ValueTask RenewAsync(string token)
    {
        var shown = await _keys.Verifier.VerifyAsync(token, Viewer.SessionId, ViewerTokens.RenewalField);
        lock (_lock)
        {
            _viewer = _viewer.Renew(shown);
            BeginLocked();
        }

        _responses.Post(new SubscribeResponse
        {
            TokenRenewed = new ViewerTokenRenewed
            {
                Permissions = { shown.Permissions.ToMessages() },
                ExpiresAt = Timestamp.FromDateTimeOffset(shown.ExpireTime),
            },
        });
    }

    public void Dispose() => _timer.Dispose();

    private void BeginLocked()
    {
        _isNoticed = false;
        var now = _timeProvider.GetUtcNow();
        Wait(_viewer.GetNoticeTime(now) - now);
    }

    private void OnTimer()
    {
        lock (_lock)
        {
            var left = _viewer.EndTime - _timeProvider.GetUtcNow();
            if (left <= TimeSpan.Zero)
            {
                _responses.Fail(ViewerTokens.Expired());
                return;
            }

            if (!_isNoticed)
            {
                _isNoticed = true;
                var expiring = new ViewerTokenExpiring { ExpiresAt = Timestamp.FromDateTimeOffset(_viewer.ExpireTime) };
                _responses.Post(new SubscribeResponse { TokenExpiring = expiring });
            }

            Wait(left);
        }
    }

    // A timer takes no more than 49 days.
    private void Wait(TimeSpan time) => _timer.Change(
        TimeSpan.FromMilliseconds(Math.Clamp(time.TotalMilliseconds, 0, int.MaxValue)), Timeout.InfiniteTimeSpan);
}
