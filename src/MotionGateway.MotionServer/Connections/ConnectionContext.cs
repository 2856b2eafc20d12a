using Microsoft.Extensions.Logging;

namespace MotionGateway.MotionServer;

/// <summary>What every part of a connection needs.</summary>
/// <param name="Options">The client's options.</param>
/// <param name="Connection">What the connection is for.</param>
/// <param name="Secrets">Credentials that a peer might repeat in its texts, to be masked there.</param>
/// <param name="Time">The clock.</param>
/// <param name="Logger">The log.</param>
/// <param name="Region">Where the connection leads; null for explicit URLs.</param>
/// <param name="Server">Its host and port are told in spans and measurements.</param>
internal sealed record ConnectionContext(
    MotionServerOptions Options, MotionConnectionOptions Connection, string[] Secrets, TimeProvider Time, ILogger Logger, string? Region, Uri? Server = null)
{
    /// <summary>Whom spans and measurements are about.</summary>
    public Peer Peer => new(Region, Server);
}
