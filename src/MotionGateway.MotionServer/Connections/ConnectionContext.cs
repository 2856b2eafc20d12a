using Microsoft.Extensions.Logging;

namespace MotionGateway.MotionServer;

/// <summary>What every part of a connection needs.</summary>
/// <param name="Options">The client's options.</param>
/// <param name="HasEgress">The Motion Server publishes by itself: no motion comes back.</param>
/// <param name="Secrets">Credentials that a peer might repeat in its texts, to be masked there.</param>
/// <param name="Time">The clock.</param>
/// <param name="Logger">The log.</param>
internal sealed record ConnectionContext(MotionServerOptions Options, bool HasEgress, string[] Secrets, TimeProvider Time, ILogger Logger);
