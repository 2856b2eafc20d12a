using MotionGateway.Feeds;
using MotionGateway.MotionServer;

namespace MotionGateway.Sessions;

/// <summary>What a session has of its host.</summary>
internal sealed record SessionHostServices(
    AppPlace Place, SessionMetrics Metrics, SessionEvents Events, OwnContext Context, Action<Session> OnClosed,
    Func<SessionSettings, MotionAudioFormat> ToMotionServer, TimeProvider TimeProvider);
