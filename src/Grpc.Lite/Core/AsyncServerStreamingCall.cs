namespace Grpc.Core;

/// <summary>A call with one request and many responses.</summary>
/// <typeparam name="TResponse">The response message.</typeparam>
public sealed class AsyncServerStreamingCall<TResponse> : IDisposable
{
    private readonly Func<object, Task<Metadata>> _getResponseHeaders;
    private readonly Func<object, Status> _getStatus;
    private readonly Func<object, Metadata> _getTrailers;
    private readonly Action<object> _dispose;
    private readonly object _state;

    /// <summary>Creates a call of its parts.</summary>
    /// <param name="responseStream">The responses.</param>
    /// <param name="responseHeadersAsync">The response headers.</param>
    /// <param name="getStatusFunc">Gives the status.</param>
    /// <param name="getTrailersFunc">Gives the trailers.</param>
    /// <param name="disposeAction">Cancels the call.</param>
    public AsyncServerStreamingCall(IAsyncStreamReader<TResponse> responseStream, Task<Metadata> responseHeadersAsync, Func<Status> getStatusFunc, Func<Metadata> getTrailersFunc, Action disposeAction)
        : this(responseStream, _ => responseHeadersAsync, _ => getStatusFunc(), _ => getTrailersFunc(), _ => disposeAction(), disposeAction)
    {
    }

    /// <summary>Creates a call of its parts, which share a state.</summary>
    /// <param name="responseStream">The responses.</param>
    /// <param name="responseHeadersAsync">The response headers.</param>
    /// <param name="getStatusFunc">Gives the status.</param>
    /// <param name="getTrailersFunc">Gives the trailers.</param>
    /// <param name="disposeAction">Cancels the call.</param>
    /// <param name="state">The state that each function is given.</param>
    public AsyncServerStreamingCall(IAsyncStreamReader<TResponse> responseStream, Func<object, Task<Metadata>> responseHeadersAsync, Func<object, Status> getStatusFunc, Func<object, Metadata> getTrailersFunc, Action<object> disposeAction, object state)
    {
        ResponseStream = responseStream;
        _getResponseHeaders = responseHeadersAsync;
        _getStatus = getStatusFunc;
        _getTrailers = getTrailersFunc;
        _dispose = disposeAction;
        _state = state;
    }

    /// <summary>The responses.</summary>
    public IAsyncStreamReader<TResponse> ResponseStream { get; }

    /// <summary>The response headers, when they have arrived.</summary>
    public Task<Metadata> ResponseHeadersAsync => _getResponseHeaders(_state);

    /// <summary>The status of the call that has ended.</summary>
    /// <exception cref="InvalidOperationException">The call goes on.</exception>
    public Status GetStatus() => _getStatus(_state);

    /// <summary>The trailers of the call that has ended.</summary>
    /// <exception cref="InvalidOperationException">The call goes on, or ended without trailers.</exception>
    public Metadata GetTrailers() => _getTrailers(_state);

    /// <summary>Cancels the call unless it has ended.</summary>
    public void Dispose() => _dispose(_state);
}
