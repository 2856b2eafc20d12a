using Grpc.Core;
using MotionGateway.Feeds;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>
/// The keys that viewer tokens are verified with, got from the gateway at start, from time to time, and when a token names
/// a key that is not there. Without the gateway, tokens are verified with the keys got last.
/// </summary>
internal sealed class ViewerKeys(
    SessionService.SessionServiceClient client, GatewayLink link, EdgeRelayOptions options, TimeProvider timeProvider,
    ILogger<ViewerKeys> logger)
    : BackgroundService
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(5);

    // Tokens that name keys nobody has cost the gateway no more than this.
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _fetching = new(1, 1);
    private volatile ViewerTokenVerifier? _verifier;
    private volatile bool _isGatewayReachable;
    private string _jwks = "";
    private long? _fetchedAt;

    /// <summary>Whether the relay has keys.</summary>
    public bool HasKeys => _verifier is not null;

    /// <inheritdoc cref="ViewerTokenVerifier.VerifyAsync"/>
    /// <exception cref="GatewayException">
    /// Also GATEWAY_UNAVAILABLE: there are no keys yet, or the token's key cannot be asked for; the token may be good.
    /// </exception>
    public async ValueTask<ViewerIdentity> VerifyAsync(string token, string sessionId, string field, CancellationToken cancellationToken)
    {
        if (_verifier is not { } verifier || !verifier.HasKeyOf(token))
        {
            await FetchSinceAsync(timeProvider.GetTimestamp(), cancellationToken);
        }

        return _verifier is { } latest && (_isGatewayReachable || latest.HasKeyOf(token))
            ? await latest.VerifyAsync(token, sessionId, field)
            : throw GatewayFailures.Unavailable();
    }

    public override void Dispose()
    {
        _fetching.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var backoff = new Backoff();
        try
        {
            while (true)
            {
                await FetchSinceAsync(timeProvider.GetTimestamp(), stoppingToken);
                if (_isGatewayReachable)
                {
                    backoff.Reset();
                    await Task.Delay(options.KeyRefreshInterval, timeProvider, stoppingToken);
                }
                else
                {
                    await link.TryWaitAsync(limit: null, stoppingToken);
                    await Task.Delay(backoff.Next(), timeProvider, stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            _isGatewayReachable = false;
        }
    }

    /// <summary>Fetches the keys, unless somebody else has since a time.</summary>
    private async Task FetchSinceAsync(long time, CancellationToken cancellationToken)
    {
        await _fetching.WaitAsync(cancellationToken);
        try
        {
            if (_fetchedAt is { } fetchedAt)
            {
                if (fetchedAt > time)
                {
                    return;
                }

                var pause = ShortestPause - timeProvider.GetElapsedTime(fetchedAt);
                if (_isGatewayReachable && pause > TimeSpan.Zero)
                {
                    await Task.Delay(pause, timeProvider, cancellationToken);
                }
            }

            await FetchAsync(cancellationToken);
            _fetchedAt = timeProvider.GetTimestamp();
        }
        finally
        {
            _fetching.Release();
        }
    }

    private async Task FetchAsync(CancellationToken cancellationToken)
    {
        try
        {
            var response = await client.GetViewerTokenKeysAsync(
                new GetViewerTokenKeysRequest(), deadline: DateTime.UtcNow + CallTimeout, cancellationToken: cancellationToken);
            if (response.Jwks != _jwks)
            {
                _verifier = new ViewerTokenVerifier(response.Jwks, timeProvider);
                _jwks = response.Jwks;
                ViewerKeysLog.Got(logger);
            }

            _isGatewayReachable = true;
        }
        catch (Exception exception) when (exception is RpcException or ArgumentException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_isGatewayReachable || _fetchedAt is null)
            {
                ViewerKeysLog.Missing(logger, exception is RpcException error ? error.Status.Detail : exception.Message);
            }

            _isGatewayReachable = false;
            link.Suspect();
        }
    }
}
