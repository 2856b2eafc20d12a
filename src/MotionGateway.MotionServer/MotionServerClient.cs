using Microsoft.Extensions.Logging;

namespace MotionGateway.MotionServer;

/// <summary>Opens connections to the Motion Server for one app. Thread-safe; make one per app and keep it.</summary>
public sealed class MotionServerClient : IMotionConnector, IAsyncDisposable
{
    /// <summary>Creates a client.</summary>
    /// <param name="options">Endpoints, credentials and limits; copied.</param>
    /// <param name="http">
    /// Sends the HTTP requests, the upgrade to a WebSocket among them, so its handler must let HTTP/1.1 upgrades through as
    /// <see cref="SocketsHttpHandler"/> does. Stays the caller's. Null: the client has one of its own.
    /// </param>
    /// <param name="timeProvider">The clock for time limits and tokens; null is the system's.</param>
    /// <param name="loggerFactory">Where logs go; null logs nothing.</param>
    /// <exception cref="ArgumentException">The options break a rule; the text names every one.</exception>
    public MotionServerClient(
        MotionServerOptions options,
        HttpMessageInvoker? http = null,
        TimeProvider? timeProvider = null,
        ILoggerFactory? loggerFactory = null)
    {
        throw new NotImplementedException();
    }

    /// <inheritdoc cref="IMotionConnector.ConnectAsync"/>
    public Task<MotionConnection> ConnectAsync(string avatarId, MotionAudioFormat format, CancellationToken cancellationToken = default) =>
        throw new NotImplementedException();

    async Task<IMotionConnection> IMotionConnector.ConnectAsync(string avatarId, MotionAudioFormat format, CancellationToken cancellationToken) =>
        await ConnectAsync(avatarId, format, cancellationToken).ConfigureAwait(false);

    /// <summary>Fetches a session token without opening a connection, which shows that the console and the API key work.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="MotionServerException">The token was refused or did not come in time.</exception>
    public Task<SessionToken> FetchTokenAsync(CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Ends what is under way: connects fail, connections are closed. Doing it twice is harmless.</summary>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
