using System.Text;
using Google.Protobuf.WellKnownTypes;
using MotionGateway.Feeds;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>Opens a session to a viewer that asks for it: its token, its seat, its cursor.</summary>
internal sealed class ViewerOpening(Viewer viewer, ViewerServices services)
{
    private const int MaxReaderIdBytes = 64;

    /// <summary>Verifies the viewer's token, gives it a place in the relay, and takes its name.</summary>
    /// <exception cref="GatewayException">The token does not open the session, the name cannot be used, or the relay is full.</exception>
    public async Task<ViewerIdentity> VerifyAsync(StartFeed start)
    {
        var identity = await services.Keys.VerifyAsync(start.ViewerToken, viewer.SessionId, ViewerTokens.StartField, viewer.Ended);
        if (start.SessionId.Length > 0 && start.SessionId != viewer.SessionId)
        {
            throw ViewerTokens.Invalid();
        }

        if (!System.Enum.IsDefined(start.Start))
        {
            throw new GatewayException(ErrorReason.InvalidRequest, "There is no such start.") { Field = "start.start" };
        }

        if (!System.Enum.IsDefined(start.SlowReaderPolicy))
        {
            throw new GatewayException(ErrorReason.InvalidRequest, "There is no such policy.") { Field = "start.slow_reader_policy" };
        }

        services.Registry.Seat(viewer);
        viewer.Key = (identity.ViewerId, TakeReaderId(identity.ChooseReaderId(start.ReaderId, ViewerTokens.StartField)));
        return identity;
    }

    /// <summary>Opens the session, and gives it to the viewer.</summary>
    /// <returns>What the viewer now follows, and has given back when it has left.</returns>
    /// <exception cref="GatewayException">The session cannot be followed.</exception>
    /// <exception cref="OperationCanceledException">The viewer's feed has ended meanwhile.</exception>
    public async Task<ViewerFeed> OpenAsync(StartFeed start, ViewerIdentity identity)
    {
        var feed = services.Directory.Enter(viewer);
        FeedCursor? cursor = null;
        try
        {
            var session = await WaitForSessionAsync(feed);
            cursor = await FeedCursor.OpenAsync(
                feed, identity.ViewerId, start, services.Options.WindowBytes, services.CatchUps, viewer.GetShare(feed), viewer.Post, viewer.Ended);
            var opened = new ViewerFeed(identity, feed, cursor) { Started = CreateStarted(session, identity, cursor, feed) };
            return viewer.TryOpen(opened) ? opened : throw new OperationCanceledException(viewer.Ended);
        }
        catch
        {
            services.Directory.Leave(viewer, feed);
            if (cursor is not null)
            {
                await cursor.DisposeAsync();
            }

            throw;
        }
    }

    // Whether there is such a session is told no better than whether the token opens it.
    private async Task<FeedStarted> WaitForSessionAsync(SessionFeed feed)
    {
        try
        {
            return await feed.Opened.WaitAsync(viewer.Ended);
        }
        catch (GatewayException failure) when (failure.Reason == ErrorReason.SessionNotFound)
        {
            throw ViewerTokens.Invalid();
        }
    }

    private static string TakeReaderId(string readerId)
    {
        if (Encoding.UTF8.GetByteCount(readerId) > MaxReaderIdBytes)
        {
            throw new GatewayException(ErrorReason.InvalidRequest, $"A reader id has at most {MaxReaderIdBytes} bytes.")
            {
                Field = "start.reader_id",
            };
        }

        return readerId.Length > 0 ? readerId : Guid.NewGuid().ToString("N");
    }

    private FeedStarted CreateStarted(FeedStarted session, ViewerIdentity identity, FeedCursor cursor, SessionFeed feed) => new()
    {
        SessionId = viewer.SessionId,
        ReaderId = viewer.Key.ReaderId,
        Position = new Position { Epoch = cursor.Position.Epoch, Sequence = cursor.Position.Sequence },
        LastSequence = Math.Max(feed.Log.End.Sequence, session.LastSequence),
        AvatarId = session.AvatarId,
        SampleRate = session.SampleRate,
        AppId = session.AppId,
        AudioEncoding = session.AudioEncoding,
        HeartbeatIntervalMs = (int)services.Options.HeartbeatInterval.TotalMilliseconds,
        TurnHeartbeatIntervalMs = (int)services.Options.EffectiveTurnHeartbeatInterval.TotalMilliseconds,
        WindowBytes = services.Options.WindowBytes,
        SlowReaderPolicy = cursor.Policy,
        Permissions = { identity.Permissions.ToMessages() },
        ExpiresAt = Timestamp.FromDateTimeOffset(identity.ExpireTime),
    };
}
