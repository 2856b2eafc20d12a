namespace Grpc.Core;

/// <summary>A call as its server method sees it.</summary>
public abstract class ServerCallContext
{
    private Dictionary<object, object>? _userState;

    /// <summary>The path of the method: <c>/package.Service/Method</c>.</summary>
    public string Method => MethodCore;

    /// <summary>The host that the caller named.</summary>
    public string Host => HostCore;

    /// <summary>The caller's address: <c>ipv4:address:port</c>, <c>ipv6:[address]:port</c>.</summary>
    public string Peer => PeerCore;

    /// <summary>When the call ends at the latest, UTC; <see cref="DateTime.MaxValue"/> without a deadline.</summary>
    public DateTime Deadline => DeadlineCore;

    /// <summary>What the caller sent ahead of its messages.</summary>
    public Metadata RequestHeaders => RequestHeadersCore;

    /// <summary>Cancelled when the caller cancels or goes away, and when the deadline passes.</summary>
    public CancellationToken CancellationToken => CancellationTokenCore;

    /// <summary>What is sent after the last message.</summary>
    public Metadata ResponseTrailers => ResponseTrailersCore;

    /// <summary>The status of the call when its method returns.</summary>
    public Status Status
    {
        get => StatusCore;
        set => StatusCore = value;
    }

    /// <summary>The options of the following writes; null for the default.</summary>
    public WriteOptions? WriteOptions
    {
        get => WriteOptionsCore;
        set => WriteOptionsCore = value;
    }

    /// <summary>Who the caller is by the connection's own authentication.</summary>
    public AuthContext AuthContext => AuthContextCore;

    /// <summary>A place for what interceptors and methods keep during the call.</summary>
    public IDictionary<object, object> UserState => UserStateCore;

    /// <summary>The path of the method.</summary>
    protected abstract string MethodCore { get; }

    /// <summary>The host that the caller named.</summary>
    protected abstract string HostCore { get; }

    /// <summary>The caller's address.</summary>
    protected abstract string PeerCore { get; }

    /// <summary>When the call ends at the latest.</summary>
    protected abstract DateTime DeadlineCore { get; }

    /// <summary>What the caller sent ahead of its messages.</summary>
    protected abstract Metadata RequestHeadersCore { get; }

    /// <summary>Cancelled when the call is.</summary>
    protected abstract CancellationToken CancellationTokenCore { get; }

    /// <summary>What is sent after the last message.</summary>
    protected abstract Metadata ResponseTrailersCore { get; }

    /// <summary>The status of the call.</summary>
    protected abstract Status StatusCore { get; set; }

    /// <summary>The options of the following writes.</summary>
    protected abstract WriteOptions? WriteOptionsCore { get; set; }

    /// <summary>Who the caller is.</summary>
    protected abstract AuthContext AuthContextCore { get; }

    /// <summary>A place for what is kept during the call.</summary>
    protected virtual IDictionary<object, object> UserStateCore => _userState ??= [];

    /// <summary>Sends the response headers now instead of with the first message; once a call.</summary>
    /// <param name="responseHeaders">The headers.</param>
    /// <exception cref="InvalidOperationException">Headers were sent before.</exception>
    public Task WriteResponseHeadersAsync(Metadata responseHeaders) => WriteResponseHeadersAsyncCore(responseHeaders);

    /// <summary>Creates a token that binds calls to this one.</summary>
    /// <param name="options">What is passed on.</param>
    public ContextPropagationToken CreatePropagationToken(ContextPropagationOptions? options = null) => CreatePropagationTokenCore(options);

    /// <summary>Sends the response headers now.</summary>
    /// <param name="responseHeaders">The headers.</param>
    protected abstract Task WriteResponseHeadersAsyncCore(Metadata responseHeaders);

    /// <summary>Creates a token that binds calls to this one.</summary>
    /// <param name="options">What is passed on.</param>
    protected abstract ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options);
}
