using System.Net;
using System.Net.Http.Headers;
using Grpc.Core;

namespace Grpc.Net.Client;

/// <summary>
/// A call on the client. It ends once, with the first status that is known: from headers, from trailers, from an error, by
/// its deadline or a cancellation; that ends everything that still waits for it.
/// </summary>
internal sealed class GrpcCall<TRequest, TResponse> : IGrpcCall
    where TRequest : class
    where TResponse : class
{
    private static readonly ProductInfoHeaderValue UserAgent = new("grpc-dotnet-lite", "1.0");

    // How long a failed write waits for the status that tells why.
    private static readonly TimeSpan WriteStatusLimit = TimeSpan.FromMilliseconds(200);

    // The longest that a timer takes, 49 days.
    private static readonly TimeSpan MaxTimerTime = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    private readonly CancellationTokenSource _source = new();
    private readonly TaskCompletionSource<Status> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<HttpResponseMessage> _response = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly string? _host;
    private RequestStreamContent? _requestStream;
    private CancellationTokenRegistration _cancellation;
    private CancellationTokenRegistration _channelDisposal;
    private Timer? _deadline;
    private Metadata? _trailers;
    private bool _isEnded;
    private volatile bool _isDisposed;

    public GrpcCall(GrpcChannel channel, Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        if (options.Deadline is { Kind: not DateTimeKind.Utc } deadline && deadline != DateTime.MaxValue && deadline != DateTime.MinValue)
        {
            throw new InvalidOperationException("Deadline must have a kind DateTimeKind.Utc or be equal to DateTime.MaxValue or DateTime.MinValue.");
        }

        Channel = channel;
        Method = method;
        Options = options;
        _host = host;
        Responses = new ClientStreamReader<TRequest, TResponse>(this);
    }

    public GrpcChannel Channel { get; }

    public Method<TRequest, TResponse> Method { get; }

    public CallOptions Options { get; }

    public ClientStreamReader<TRequest, TResponse> Responses { get; }

    /// <summary>The response, when its headers have arrived.</summary>
    public Task<HttpResponseMessage> Response => _response.Task;

    /// <summary>Cancelled when the call ends.</summary>
    public CancellationToken CancellationToken => _source.Token;

    public bool HasEnded => _end.Task.IsCompleted;

    /// <summary>Starts a call with one request.</summary>
    public void Start(TRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var serialization = new BufferedSerializationContext(Channel.MaxSendMessageSize);
        try
        {
            // A copy of its own: the transport may still send it when the call has ended.
            var content = new ByteArrayContent(serialization.Serialize(request, Method.RequestMarshaller.ContextualSerializer).ToArray());
            content.Headers.ContentType = new MediaTypeHeaderValue(GrpcHeaders.ContentType);
            Run(content);
        }
        catch (RpcException exception)
        {
            EndBeforeStart(exception.Status);
        }
        finally
        {
            serialization.Release();
        }
    }

    /// <summary>Starts a call with a stream of requests.</summary>
    public ClientStreamWriter<TRequest, TResponse> StartStream()
    {
        _requestStream = new RequestStreamContent();
        Run(_requestStream);
        return new ClientStreamWriter<TRequest, TResponse>(this, _requestStream);
    }

    public async Task<Metadata> GetResponseHeadersAsync()
    {
        try
        {
            return ReadMetadata((await Response.ConfigureAwait(false)).Headers);
        }
        catch (Exception exception)
        {
            throw Fail(exception);
        }
    }

    public Status GetStatus() => HasEnded
        ? _end.Task.Result
        : throw new InvalidOperationException("Unable to get the status because the call is not complete.");

    public Metadata GetTrailers() => HasEnded && _trailers is not null
        ? _trailers
        : throw new InvalidOperationException("Can't get the call trailers because the call has not completed successfully.");

    public void Dispose()
    {
        _isDisposed = true;
        End(new Status(StatusCode.Cancelled, "gRPC call disposed."), null);
    }

    public void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_isDisposed, this);

    public void Cancel() => End(new Status(StatusCode.Cancelled, "Call canceled by the client."), null);

    /// <summary>Lets a token of one read or write cancel the call.</summary>
    public CancellationTokenRegistration RegisterCancellation(CancellationToken cancellationToken) =>
        cancellationToken.CanBeCanceled && cancellationToken != Options.CancellationToken
            ? cancellationToken.UnsafeRegister(static state => ((GrpcCall<TRequest, TResponse>)state!).Cancel(), this)
            : default;

    /// <summary>Ends the call with the status after the last message.</summary>
    public void EndByTrailers(HttpResponseMessage response) => End(ResponseStatus.OfTrailers(response), ReadMetadata(response.TrailingHeaders));

    /// <summary>Ends the call because of an exception, unless it has ended.</summary>
    /// <returns>What to throw: the status of the call, which may have another reason.</returns>
    public RpcException Fail(Exception exception)
    {
        End(ResponseStatus.OfException("Error during gRPC call.", exception), null);
        return CreateException();
    }

    /// <summary>The status of the call that has ended as an exception.</summary>
    public RpcException CreateException() => new(GetStatus(), _trailers ?? Metadata.Empty);

    /// <summary>
    /// What to throw for a failed write. When the server ends a call early, the reset that follows its status breaks the
    /// write: the status is the reason, so it is waited for a little. A failed write does not end the call: what the
    /// server said can still be read.
    /// </summary>
    public async Task<RpcException> CreateWriteExceptionAsync(Exception exception)
    {
        try
        {
            await _end.Task.WaitAsync(WriteStatusLimit).ConfigureAwait(false);
            return CreateException();
        }
        catch (TimeoutException)
        {
            return new RpcException(ResponseStatus.OfException("Error writing a gRPC request.", exception));
        }
    }

    public void ThrowUnlessOk()
    {
        if (GetStatus().StatusCode != StatusCode.OK)
        {
            throw CreateException();
        }
    }

    private static Metadata ReadMetadata(HttpResponseHeaders headers)
    {
        var metadata = new Metadata();
        foreach (var (name, values) in headers.NonValidated)
        {
            if (GrpcHeaders.IsProtocolHeader(name))
            {
                continue;
            }

            foreach (var value in values)
            {
                metadata.AddHeader(name, value);
            }
        }

        return metadata;
    }

    private void Run(HttpContent content)
    {
        TimeSpan? timeout = Options.Deadline is { } deadline && deadline != DateTime.MaxValue ? deadline - DateTime.UtcNow : null;
        if (timeout <= TimeSpan.Zero)
        {
            EndBeforeStart(new Status(StatusCode.DeadlineExceeded, ""));
            return;
        }

        // Ends with the call, which Dispose ends at the latest: the API gives nobody to await it.
        _ = RunAsync(CreateRequest(content, timeout));
        _cancellation = Options.CancellationToken.UnsafeRegister(static state => ((GrpcCall<TRequest, TResponse>)state!).Cancel(), this);
        _channelDisposal = Channel.Disposal.UnsafeRegister(static state => ((GrpcCall<TRequest, TResponse>)state!).Dispose(), this);
        if (timeout is { } time)
        {
            _deadline = new Timer(
                static state => ((GrpcCall<TRequest, TResponse>)state!).End(new Status(StatusCode.DeadlineExceeded, ""), null),
                this,
                time < MaxTimerTime ? time : MaxTimerTime,
                Timeout.InfiniteTimeSpan);
        }

        if (HasEnded)
        {
            // It ended before it had what is to be released at its end.
            Release();
        }
    }

    /// <summary>Ends a call that is not sent at all.</summary>
    private void EndBeforeStart(Status status)
    {
        End(status, null);
        FailResponse();
    }

    /// <summary>Gives the status to whoever waits for the response; nobody has to.</summary>
    private void FailResponse()
    {
        _response.TrySetException(CreateException());
        _ = _response.Task.Exception;
    }

    private HttpRequestMessage CreateRequest(HttpContent content, TimeSpan? timeout)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, Channel.GetAddress(Method))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        request.Headers.Host = _host;
        request.Headers.UserAgent.Add(UserAgent);
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        request.Headers.TryAddWithoutValidation(GrpcHeaders.AcceptEncoding, GrpcHeaders.SupportedEncodings);
        if (timeout is { } time)
        {
            request.Headers.TryAddWithoutValidation(GrpcHeaders.Timeout, GrpcTimeout.Encode(time));
        }

        foreach (var entry in Options.Headers ?? Metadata.Empty)
        {
            if (entry.Key != GrpcHeaders.Timeout)
            {
                request.Headers.TryAddWithoutValidation(entry.Key, entry.HeaderValue);
            }
        }

        return request;
    }

    /// <summary>Sends the request and stays until the call has ended; never throws.</summary>
    private async Task RunAsync(HttpRequestMessage request)
    {
        using var activity = ClientActivity.Start(Method, Channel.Address);
        try
        {
            var response = await Channel.SendAsync(request, CancellationToken).ConfigureAwait(false);
            if (ResponseStatus.OfHeaders(response) is { } status)
            {
                End(status, ReadMetadata(response.Headers));
            }

            _response.TrySetResult(response);
        }
        catch (Exception exception)
        {
            End(ResponseStatus.OfException("Error starting gRPC call.", exception), null);
            FailResponse();
        }

        ClientActivity.Stop(activity, await _end.Task.ConfigureAwait(false));
        Release();
    }

    private void End(Status status, Metadata? trailers)
    {
        lock (_gate)
        {
            if (_isEnded)
            {
                return;
            }

            _isEnded = true;
            _trailers = trailers;
            _end.SetResult(status);
        }

        Release();
    }

    /// <summary>Lets go of everything that the call holds; harmless when repeated.</summary>
    private void Release()
    {
        _deadline?.Dispose();
        _cancellation.Unregister();
        _channelDisposal.Unregister();
        _requestStream?.Abort();
        _source.Cancel();
        if (_response.Task.IsCompletedSuccessfully)
        {
            _response.Task.Result.Dispose();
        }
    }
}
