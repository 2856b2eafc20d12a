using MotionGateway.Feeds;
using MotionGateway.MotionServer;

namespace MotionGateway.Sessions;

/// <summary>What a host's sessions share.</summary>
internal sealed record SessionHostServices(
    LegSources Legs, ByteBudget Budget, SessionMetrics Metrics, SessionEvents Events, OwnContext Context, Action<Session> OnClosed,
    Func<SessionSettings, MotionAudioFormat> ToMotionServer, TimeProvider TimeProvider);
