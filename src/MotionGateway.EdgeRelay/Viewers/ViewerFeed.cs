using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>What a viewer follows, once it has shown that it may: its seat at a session, and its cursor.</summary>
/// <param name="Identity">Who the viewer is.</param>
/// <param name="Feed">The session's feed.</param>
/// <param name="Cursor">Where the viewer is in it.</param>
internal sealed record ViewerFeed(ViewerIdentity Identity, SessionFeed Feed, FeedCursor Cursor)
{
    private FeedStarted? _started;

    /// <summary>What the viewer is told first.</summary>
    public required FeedStarted? Started
    {
        init => _started = value;
    }

    /// <summary>Takes it, for the one time that it is told. Used by the viewer's worker.</summary>
    public FeedStarted? TakeStarted()
    {
        var started = _started;
        _started = null;
        return started;
    }
}
