using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MotionGateway.MotionServer;

/// <summary>
/// Keeps connections open ahead of their use, so that a turn's first audio waits for no token, no TLS and no handshake. What it hands out belongs to the caller like any
/// other connection: it is used once and disposed, never returned. Thread-safe.
/// </summary>
/// <remarks>
/// A pool serves one client, so one app and its regions; within it connections are told apart by avatar, audio format and extra parameters. Connections with egress
/// publish into a place of their own, and those with <see cref="MotionConnectionOptions.OnStreamCompleted"/> tell one caller: neither is ever pooled. What is kept ready
/// follows what is asked for: the first connect of a kind is a cold one and starts keeping that kind, <see cref="WarmAsync"/> does so ahead. A connection is checked when
/// it is handed out: it is open, the server has said nothing on it, it is not too old, and a connect would not go to a better region now, as far as the client says.
/// Otherwise it is closed and replaced. So connections that a fallback region has given serve while the region before it cools down, and no longer. That a peer is gone
/// without a word is found by the pings of idle connections (<see cref="MotionServerOptions.KeepAliveInterval"/>).
/// </remarks>
public sealed class MotionConnectionPool : IMotionConnector, IRegionRank, IAsyncDisposable
{
    // Of more, connections are opened when they are needed.
    private const int MaxKinds = 64;

    private readonly IMotionConnector _connector;
    private readonly MotionConnectionPoolOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _disposing = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<(string, MotionAudioFormat, string), ConnectionShelf> _shelves = [];
    private Task _ending = Task.CompletedTask;

    /// <summary>Creates a pool, which opens nothing until it is asked.</summary>
    /// <param name="connector">Who opens connections; stays the caller's.</param>
    /// <param name="options">Sizes and limits; copied. Null for the defaults.</param>
    /// <param name="timeProvider">The clock of ages and pauses; null is the system's.</param>
    /// <param name="loggerFactory">Where logs go; null logs nothing.</param>
    /// <exception cref="ArgumentException">The options break a rule; the text names every one.</exception>
    public MotionConnectionPool(
        IMotionConnector connector, MotionConnectionPoolOptions? options = null, TimeProvider? timeProvider = null, ILoggerFactory? loggerFactory = null)
    {
        ArgumentNullException.ThrowIfNull(connector);
        _options = options?.Copy() ?? new MotionConnectionPoolOptions();
        MotionServerOptionsRules.ThrowForAny(_options.Validate(), nameof(options));
        (_connector, _time) = (connector, timeProvider ?? TimeProvider.System);
        _logger = (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger<MotionConnectionPool>();
    }

    /// <summary>Hands out a ready connection, or opens one when none is ready.</summary>
    /// <inheritdoc cref="IMotionConnector.ConnectAsync"/>
    /// <exception cref="ObjectDisposedException">The pool was disposed.</exception>
    public async Task<IMotionConnection> ConnectAsync(MotionConnectionOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ObjectDisposedException.ThrowIf(_disposing.IsCancellationRequested, this);
        cancellationToken.ThrowIfCancellationRequested();
        IMotionConnection? connection = null;
        ConnectionShelf? shelf = ShelfOf(options);
        // One that is over the moment it is found gives way to another.
        while (shelf?.TryTake(out connection) == false)
        {
            shelf = ShelfOf(options);
        }

        string outcome = connection is not null ? "hit" : shelf is null ? "bypassed" : "miss";
        try
        {
            return connection ??= await _connector.ConnectAsync(options, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            MotionServerTelemetry.RecordHandOut(outcome, connection?.Region);
        }
    }

    bool IRegionRank.IsCurrentRegion(string? region) => IRegionRank.Ask(_connector, region);

    /// <summary>Keeps connections of a kind ready from now on.</summary>
    /// <param name="options">What they are for.</param>
    /// <param name="cancellationToken">Stops waiting; filling goes on.</param>
    /// <returns>True once they are ready; false when connections of this kind are not kept, or those of too many kinds are already.</returns>
    /// <exception cref="MotionServerException">They cannot be opened; the next use tries anew.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    /// <exception cref="ObjectDisposedException">The pool was disposed.</exception>
    public async Task<bool> WarmAsync(MotionConnectionOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ObjectDisposedException.ThrowIf(_disposing.IsCancellationRequested, this);
        while (ShelfOf(options) is { } shelf)
        {
            if (await shelf.TryFillAsync(cancellationToken).ConfigureAwait(false))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Closes what is ready, and opens no more. Doing it twice is harmless.</summary>
    public async ValueTask DisposeAsync()
    {
        await _disposing.CancelAsync().ConfigureAwait(false);
        Task[] keeping;
        lock (_lock)
        {
            keeping = [_ending, .. _shelves.Values.Select(shelf => shelf.Keeping)];
            _shelves.Clear();
        }

        await Task.WhenAll(keeping).ConfigureAwait(false);
    }

    // Null for connections that are not pooled.
    private ConnectionShelf? ShelfOf(MotionConnectionOptions options)
    {
        if (options.Egress is not null || options.OnStreamCompleted is not null || _options.Size == 0)
        {
            return null;
        }

        // Parameters with lengths, so that no two different sets read the same.
        (string, MotionAudioFormat, string) kind = (options.AvatarId, options.Audio, string.Concat(options.ExtraParameters
            .OrderBy(parameter => parameter.Key, StringComparer.Ordinal)
            .Select(parameter => string.Create(
                CultureInfo.InvariantCulture, $"{parameter.Key.Length}:{parameter.Key}{parameter.Value.Length}:{parameter.Value}"))));
        lock (_lock)
        {
            if (_shelves.TryGetValue(kind, out ConnectionShelf? kept) && !kept.IsOver)
            {
                return kept;
            }

            foreach (((string, MotionAudioFormat, string) unused, ConnectionShelf over) in _shelves.Where(shelf => shelf.Value.IsOver).ToArray())
            {
                _shelves.Remove(unused);
                _ending = Task.WhenAll(_ending, over.Keeping);
            }

            ObjectDisposedException.ThrowIf(_disposing.IsCancellationRequested, this);
            if (_shelves.Count >= MaxKinds)
            {
                return null;
            }

            ConnectionShelf shelf = new(_connector, options, _options, _time, _logger, _disposing.Token);
            _shelves.Add(kind, shelf);
            return shelf;
        }
    }
}
