using System.Globalization;
using System.Net.Sockets;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Grpc.AspNetCore.Server;

/// <summary>
/// A call on the server. Whatever touches the response does so under one lock, because the deadline's timer may end the
/// call while its method is still writing; <see cref="HasEnded"/> never goes back.
/// </summary>
internal sealed class HttpContextServerCallContext : ServerCallContext, IAsyncDisposable
{
    private static readonly AuthContext Unauthenticated = new(null, []);

    private readonly Lock _gate = new();
    private readonly PipeSerializationContext _serialization;
    private readonly CancellationToken _requestAborted;
    private ServerCallDeadline? _deadline;
    private Metadata? _requestHeaders;
    private Metadata? _responseTrailers;
    private Task _pendingWrite = Task.CompletedTask;
    private volatile bool _hasEnded;

    public HttpContextServerCallContext(HttpContext httpContext, GrpcServiceOptions options)
    {
        HttpContext = httpContext;
        Options = options;
        // Kept, because another thread must not ask the HttpContext for it later.
        _requestAborted = httpContext.RequestAborted;
        _serialization = new PipeSerializationContext(httpContext.Response.BodyWriter, options.MaxSendMessageSize);
    }

    public HttpContext HttpContext { get; }

    public GrpcServiceOptions Options { get; }

    /// <summary>Whether the status is on its way, or the caller is gone.</summary>
    public bool HasEnded => _hasEnded || _requestAborted.IsCancellationRequested;

    protected override string MethodCore => HttpContext.Request.Path.Value!;

    protected override string HostCore => HttpContext.Request.Host.Value!;

    protected override string PeerCore
    {
        get
        {
            var connection = HttpContext.Connection;
            return connection.RemoteIpAddress switch
            {
                null => "unknown",
                { AddressFamily: AddressFamily.InterNetworkV6 } address => string.Create(CultureInfo.InvariantCulture, $"ipv6:[{address}]:{connection.RemotePort}"),
                var address => string.Create(CultureInfo.InvariantCulture, $"ipv4:{address}:{connection.RemotePort}"),
            };
        }
    }

    protected override DateTime DeadlineCore => _deadline?.Deadline ?? DateTime.MaxValue;

    protected override Metadata RequestHeadersCore => _requestHeaders ??= ReadRequestHeaders();

    protected override CancellationToken CancellationTokenCore => _deadline?.CancellationToken ?? _requestAborted;

    protected override Metadata ResponseTrailersCore => _responseTrailers ??= [];

    protected override Status StatusCore { get; set; } = Status.DefaultSuccess;

    protected override WriteOptions? WriteOptionsCore { get; set; }

    protected override AuthContext AuthContextCore => Unauthenticated;

    protected override IDictionary<object, object> UserStateCore => HttpContext.Items!;

    /// <summary>Starts the deadline that the caller asked for, if any.</summary>
    public void StartDeadline()
    {
        if (GrpcTimeout.TryDecode(HttpContext.Request.Headers[GrpcHeaders.Timeout], out var timeout))
        {
            _deadline = new ServerCallDeadline(timeout, _requestAborted, ExceedDeadlineAsync);
            _deadline.Start();
        }
    }

    /// <summary>Writes a message; at most one write is pending.</summary>
    /// <exception cref="InvalidOperationException">The call has ended, or a write is pending.</exception>
    public Task WriteMessageAsync<T>(T message, Action<T, SerializationContext> serializer, bool flush, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_hasEnded || CancellationToken.IsCancellationRequested)
            {
                return Task.FromException(new InvalidOperationException("Can't write the message because the request is complete."));
            }

            if (!_pendingWrite.IsCompleted)
            {
                return Task.FromException(new InvalidOperationException("Can't write the message because the previous write is in progress."));
            }

            try
            {
                if (!HttpContext.Response.HasStarted)
                {
                    // Started first, so that Kestrel lends its own memory to the serializer.
                    var start = HttpContext.Response.StartAsync(cancellationToken);
                    if (!start.IsCompletedSuccessfully)
                    {
                        return _pendingWrite = WriteAfterAsync(start, message, serializer, flush, cancellationToken);
                    }
                }

                _serialization.Write(message, serializer);
                return flush ? FlushAsync(cancellationToken) : Task.CompletedTask;
            }
            catch (Exception exception)
            {
                return Task.FromException(exception);
            }
        }
    }

    /// <summary>Writes the only response of a call; the end of the call flushes it.</summary>
    public Task WriteSingleMessageAsync<T>(T message, Action<T, SerializationContext> serializer) =>
        WriteMessageAsync(message, serializer, flush: false, CancellationToken.None);

    /// <summary>Sends a status and the trailers, unless the call has ended before.</summary>
    public void End(Status status, Metadata? trailers = null)
    {
        lock (_gate)
        {
            if (!_hasEnded)
            {
                _hasEnded = true;
                if (!_requestAborted.IsCancellationRequested)
                {
                    WriteStatus(status, trailers);
                }
            }
        }
    }

    /// <summary>Stops the deadline, or waits until it has answered.</summary>
    public ValueTask DisposeAsync() => _deadline?.DisposeAsync() ?? ValueTask.CompletedTask;

    protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders)
    {
        ArgumentNullException.ThrowIfNull(responseHeaders);
        lock (_gate)
        {
            if (_hasEnded || HttpContext.Response.HasStarted)
            {
                throw new InvalidOperationException("Response headers can only be sent once per call.");
            }

            foreach (var entry in responseHeaders)
            {
                HttpContext.Response.Headers.Append(entry.Key, entry.HeaderValue);
            }

            return FlushAsync(CancellationToken.None);
        }
    }

    protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) =>
        throw new NotImplementedException("Context propagation is not supported.");

    private static async Task AwaitFlushAsync<TResult>(ValueTask<TResult> flush) => await flush;

    private Task FlushAsync(CancellationToken cancellationToken)
    {
        var flush = HttpContext.Response.BodyWriter.FlushAsync(cancellationToken);
        if (flush.IsCompletedSuccessfully)
        {
            _ = flush.Result;
            return Task.CompletedTask;
        }

        return _pendingWrite = AwaitFlushAsync(flush);
    }

    private async Task WriteAfterAsync<T>(Task start, T message, Action<T, SerializationContext> serializer, bool flush, CancellationToken cancellationToken)
    {
        await start;
        Task flushing;
        lock (_gate)
        {
            _serialization.Write(message, serializer);
            flushing = flush ? AwaitFlushAsync(HttpContext.Response.BodyWriter.FlushAsync(cancellationToken)) : Task.CompletedTask;
        }

        await flushing;
    }

    private async Task ExceedDeadlineAsync()
    {
        Task completion;
        lock (_gate)
        {
            if (_hasEnded)
            {
                return;
            }

            _hasEnded = true;
            WriteStatus(new Status(StatusCode.DeadlineExceeded, "Deadline Exceeded"), null);
            completion = HttpContext.Response.CompleteAsync();
        }

        await ServerCallDeadline.AwaitCompletionAsync(completion);
        // The caller may still be sending: it is told to stop, and a pending read of the method ends.
        HttpContext.Features.Get<IHttpResetFeature>()?.Reset(errorCode: 0);
    }

    private void WriteStatus(Status status, Metadata? trailers)
    {
        var response = HttpContext.Response;
        // When nothing was sent yet, the only header frame is also the last: a "trailers-only" answer.
        var destination = response.HasStarted ? HttpContext.Features.GetRequiredFeature<IHttpResponseTrailersFeature>().Trailers : response.Headers;
        foreach (var entry in (_responseTrailers ?? Metadata.Empty).Concat(trailers ?? Metadata.Empty))
        {
            destination.Append(entry.Key, entry.HeaderValue);
        }

        destination[GrpcHeaders.Status] = ((int)status.StatusCode).ToString(CultureInfo.InvariantCulture);
        if (!string.IsNullOrEmpty(status.Detail))
        {
            destination[GrpcHeaders.Message] = MetadataHeaders.EncodeMessage(status.Detail);
        }
    }

    private Metadata ReadRequestHeaders()
    {
        var metadata = new Metadata();
        foreach (var (name, values) in HttpContext.Request.Headers)
        {
            if (GrpcHeaders.IsProtocolHeader(name))
            {
                continue;
            }

            foreach (var value in values)
            {
                metadata.AddHeader(name, value ?? "");
            }
        }

        return metadata;
    }
}
