using MotionGateway.MotionServer;

namespace MotionGateway.Sessions;

/// <summary>The room that a session is published into. Whoever opens the session has the credentials.</summary>
public interface ISessionEgress
{
    /// <summary>The room as callers are told of it, with every default filled in; no secret.</summary>
    V1.Egress Room { get; }

    /// <summary>How long a configuration is good from when it was made.</summary>
    TimeSpan Lifetime { get; }

    /// <summary>Makes the configuration of one connection, with a token of its own.</summary>
    MotionEgress Create();
}
