using System.Runtime.CompilerServices;
using MotionGateway.V1;

namespace MotionGateway.Cli.Viewing;

/// <summary>
/// Follows a session: starts the feed, acknowledges what it is given, answers heartbeats, connects again when the
/// connection breaks and goes on after the last position.
/// </summary>
internal sealed class ViewerClient(Func<CancellationToken, Task<IFeedConnection>> connect, ViewerStart start)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private FeedStart? _beginAnew;

    /// <summary>What was contiguous, and what not.</summary>
    public ContiguityTracker Contiguity { get; } = new();

    /// <summary>Connections that were lost and made again.</summary>
    public int Reconnects { get; private set; }

    /// <summary>Is told of each lost connection and of what is done about it.</summary>
    public Action<string> OnNotice { get; init; } = _ => { };

    /// <summary>Attempts in a row to connect again before the feed is given up; null: without end.</summary>
    public int? MaxAttempts { get; init; } = 10;

    /// <summary>Everything that the feed brings but heartbeats, from start to the session's end.</summary>
    /// <exception cref="FeedException">The feed cannot be had, or not any more.</exception>
    public async IAsyncEnumerable<SubscribeResponse> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        int attempts = 0;
        while (true)
        {
            bool isEnded = false;
            FeedException? failure = null;
            await using var attempt = new Attempt(this);
            while (true)
            {
                SubscribeResponse? response;
                try
                {
                    response = await attempt.NextAsync(cancellationToken);
                }
                catch (FeedException lost)
                {
                    failure = lost;
                    break;
                }

                if (response is null)
                {
                    break;
                }

                attempts = response.ResponseCase == SubscribeResponse.ResponseOneofCase.Payload ? 0 : attempts;
                isEnded = response.Payload?.ContentCase == Payload.ContentOneofCase.SessionEnded;
                yield return response;
            }

            if (isEnded)
            {
                yield break;
            }

            await PauseAsync(failure, ++attempts, cancellationToken);
        }
    }

    private async Task PauseAsync(FeedException? failure, int attempt, CancellationToken cancellationToken)
    {
        failure ??= new FeedException("The feed ended before the session did.", ErrorReason.Unspecified, isRetryable: true);
        bool isLost = failure.IsPositionLost && Contiguity.Position is not null;
        if ((!failure.IsRetryable && !isLost) || attempt > MaxAttempts)
        {
            throw failure;
        }

        if (isLost)
        {
            _beginAnew = FeedStart.CurrentTurn;
        }

        Reconnects++;
        OnNotice(isLost
            ? $"{failure.Message} Beginning anew at the current turn."
            : $"{failure.Message} Connecting again.");
        var pause = FirstPause * Math.Pow(2, Math.Min(attempt - 1, 10));
        await Task.Delay(pause < LongestPause ? pause : LongestPause, cancellationToken);
    }

    private StartFeed NextStart()
    {
        var request = new StartFeed { SessionId = start.SessionId, ViewerToken = start.ViewerToken, ReaderId = start.ReaderId };
        if (_beginAnew is { } rule)
        {
            request.Start = rule;
        }
        else if ((Contiguity.Position ?? start.Position) is { } position)
        {
            request.Position = position;
        }
        else
        {
            request.Start = start.Rule;
        }

        return request;
    }

    /// <summary>One connection and what happens on it.</summary>
    private sealed class Attempt(ViewerClient owner) : IAsyncDisposable
    {
        private IFeedConnection? _connection;

        public async Task<SubscribeResponse?> NextAsync(CancellationToken cancellationToken)
        {
            if (_connection is null)
            {
                _connection = await owner.OpenAsync(cancellationToken);
            }

            while (await _connection.ReceiveAsync(cancellationToken) is { } response)
            {
                if (await HandleAsync(_connection, response, cancellationToken))
                {
                    return response;
                }
            }

            return null;
        }

        public ValueTask DisposeAsync() => _connection?.DisposeAsync() ?? ValueTask.CompletedTask;

        // The server is silent for at most its interval, so that answering it is sign of life enough.
        private async Task<bool> HandleAsync(IFeedConnection connection, SubscribeResponse response, CancellationToken cancellationToken)
        {
            var contiguity = owner.Contiguity;
            switch (response.ResponseCase)
            {
                case SubscribeResponse.ResponseOneofCase.Started:
                    contiguity.Start(response.Started.Position, isAnew: owner._beginAnew is not null);
                    owner._beginAnew = null;
                    return true;
                case SubscribeResponse.ResponseOneofCase.Skipped:
                    contiguity.Skip(response.Skipped);
                    await AcknowledgeAsync(connection, cancellationToken);
                    return true;
                case SubscribeResponse.ResponseOneofCase.Payload:
                    bool isCurrent = contiguity.Receive(response.Payload);
                    await AcknowledgeAsync(connection, cancellationToken);
                    return isCurrent;
                case SubscribeResponse.ResponseOneofCase.Heartbeat:
                    await connection.SendAsync(new SubscribeRequest { Heartbeat = new Heartbeat() }, cancellationToken);
                    return false;
                default:
                    return true;
            }
        }

        private Task AcknowledgeAsync(IFeedConnection connection, CancellationToken cancellationToken)
        {
            var processed = new AcknowledgePayloads { Position = owner.Contiguity.Position };
            return connection.SendAsync(new SubscribeRequest { Acknowledge = processed }, cancellationToken);
        }
    }

    private async Task<IFeedConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = await connect(cancellationToken);
        try
        {
            await connection.SendAsync(new SubscribeRequest { Start = NextStart() }, cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
