using System.Collections.Concurrent;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Grpc.Net.Client;

/// <summary>
/// A channel to one address, over HTTP/2. It connects with the first call, and again whenever that is needed. Thread-safe;
/// made once and shared.
/// </summary>
public sealed class GrpcChannel : ChannelBase, IDisposable
{
    private readonly ConcurrentDictionary<IMethod, Uri> _addresses = [];
    private readonly CancellationTokenSource _disposal = new();
    private readonly HttpMessageInvoker _http;
    private readonly bool _ownsHttp;

    private GrpcChannel(Uri address, GrpcChannelOptions options)
        : base(address.Authority)
    {
        if (options is { HttpClient: not null, HttpHandler: not null })
        {
            throw new ArgumentException($"{nameof(options.HttpClient)} and {nameof(options.HttpHandler)} cannot be used together.", nameof(options));
        }

        Address = address;
        MaxSendMessageSize = options.MaxSendMessageSize;
        MaxReceiveMessageSize = options.MaxReceiveMessageSize;
        Logger = (options.LoggerFactory ?? NullLoggerFactory.Instance).CreateLogger<GrpcChannel>();
        var isOwn = options is { HttpClient: null, HttpHandler: null };
        _ownsHttp = isOwn || options.DisposeHttpClient;
        _http = options.HttpClient
            ?? new HttpMessageInvoker(options.HttpHandler ?? new SocketsHttpHandler { EnableMultipleHttp2Connections = true }, _ownsHttp);
    }

    internal Uri Address { get; }

    internal int? MaxSendMessageSize { get; }

    internal int? MaxReceiveMessageSize { get; }

    internal ILogger Logger { get; }

    /// <summary>Cancelled when the channel is disposed of.</summary>
    internal CancellationToken Disposal => _disposal.Token;

    /// <summary>Creates a channel.</summary>
    /// <param name="address">The peer, <c>http</c> (HTTP/2 without TLS) or <c>https</c>.</param>
    public static GrpcChannel ForAddress(string address) => ForAddress(address, new GrpcChannelOptions());

    /// <summary>Creates a channel.</summary>
    /// <param name="address">The peer, <c>http</c> (HTTP/2 without TLS) or <c>https</c>.</param>
    /// <param name="channelOptions">Options of the channel.</param>
    public static GrpcChannel ForAddress(string address, GrpcChannelOptions channelOptions) => ForAddress(new Uri(address), channelOptions);

    /// <summary>Creates a channel.</summary>
    /// <param name="address">The peer, <c>http</c> (HTTP/2 without TLS) or <c>https</c>.</param>
    public static GrpcChannel ForAddress(Uri address) => ForAddress(address, new GrpcChannelOptions());

    /// <summary>Creates a channel.</summary>
    /// <param name="address">The peer, <c>http</c> (HTTP/2 without TLS) or <c>https</c>.</param>
    /// <param name="channelOptions">Options of the channel.</param>
    public static GrpcChannel ForAddress(Uri address, GrpcChannelOptions channelOptions)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(channelOptions);
        return new GrpcChannel(address, channelOptions);
    }

    /// <inheritdoc/>
    public override CallInvoker CreateCallInvoker()
    {
        ObjectDisposedException.ThrowIf(Disposal.IsCancellationRequested, this);
        return new HttpClientCallInvoker(this);
    }

    /// <summary>Cancels the calls that go on, and closes the connections unless they are the caller's own.</summary>
    public void Dispose()
    {
        if (Disposal.IsCancellationRequested)
        {
            return;
        }

        // Never disposed of: calls may still ask it for its token.
        _disposal.Cancel();
        if (_ownsHttp)
        {
            _http.Dispose();
        }
    }

    internal Uri GetAddress(IMethod method) => _addresses.GetOrAdd(method, static (key, address) => new Uri(address, key.FullName), Address);

    internal Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => _http is HttpClient client
        ? client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken)
        : _http.SendAsync(request, cancellationToken);

    /// <inheritdoc/>
    protected override Task ShutdownAsyncCore()
    {
        Dispose();
        return Task.CompletedTask;
    }
}
