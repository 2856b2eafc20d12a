using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MotionGateway.MotionServer;

/// <summary>Opens connections through another connector, again and again as a <see cref="ReconnectPolicy"/> says. Thread-safe.</summary>
public sealed class ReconnectingConnector : IMotionConnector, IRegionRank
{
    private readonly IMotionConnector _connector;
    private readonly ReconnectPolicy _policy;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <summary>Creates a connector.</summary>
    /// <param name="connector">Who opens connections; stays the caller's.</param>
    /// <param name="policy">How often and how fast to try again.</param>
    /// <param name="timeProvider">The clock of pauses and budget; null is the system's.</param>
    /// <param name="loggerFactory">Where logs go; null logs nothing.</param>
    /// <exception cref="ArgumentException">The policy breaks a rule; the text names every one.</exception>
    public ReconnectingConnector(
        IMotionConnector connector, ReconnectPolicy policy, TimeProvider? timeProvider = null, ILoggerFactory? loggerFactory = null)
    {
        ArgumentNullException.ThrowIfNull(connector);
        ArgumentNullException.ThrowIfNull(policy);
        MotionServerOptionsRules.ThrowForAny(policy.Validate(), nameof(policy));
        (_connector, _policy, _time) = (connector, policy, timeProvider ?? TimeProvider.System);
        _logger = (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger<ReconnectingConnector>();
    }

    bool IRegionRank.IsCurrentRegion(string? region) => IRegionRank.Ask(_connector, region);

    /// <inheritdoc/>
    /// <remarks>The failure thrown is the last attempt's.</remarks>
    public async Task<IMotionConnection> ConnectAsync(MotionConnectionOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ReconnectSchedule schedule = _policy.Start(_time);
        while (true)
        {
            TimeSpan delay;
            try
            {
                return await _connector.ConnectAsync(options, cancellationToken).ConfigureAwait(false);
            }
            catch (MotionServerException failure) when (schedule.TryNext(failure, out delay))
            {
                MotionServerTelemetry.RecordReconnect(failure.Retry);
                _logger.TryingAgain(options.AvatarId, schedule.Attempts, delay, failure.Code.ToStableName());
            }

            await Task.Delay(delay, _time, cancellationToken).ConfigureAwait(false);
        }
    }
}
