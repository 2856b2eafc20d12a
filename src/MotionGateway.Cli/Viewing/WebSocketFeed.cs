using System.Net.WebSockets;
using Google.Protobuf;
using MotionGateway.Cli.Connecting;
using MotionGateway.Cli.Output;
using MotionGateway.V1;

namespace MotionGateway.Cli.Viewing;

/// <summary>A feed from a relay, as a browser gets it: one binary message a request or response.</summary>
internal sealed class WebSocketFeed : IFeedConnection
{
    private const string Subprotocol = "motiongateway.v1";
    private const int MaxMessageBytes = 16 * 1024 * 1024;
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    private readonly ClientWebSocket _socket = new();
    private byte[] _buffer = new byte[64 * 1024];

    private WebSocketFeed()
    {
        _socket.Options.AddSubProtocol(Subprotocol);
        _socket.Options.KeepAliveInterval = TimeSpan.FromSeconds(15);
        _socket.Options.KeepAliveTimeout = TimeSpan.FromSeconds(15);
    }

    /// <summary>Connects to a relay.</summary>
    /// <param name="relay">The relay's base address, http or https.</param>
    /// <param name="sessionId">The session.</param>
    /// <param name="http">Makes the connection; null for one that needs no settings.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="FeedException">The relay cannot be reached, or refuses.</exception>
    public static async Task<WebSocketFeed> ConnectAsync(
        Uri relay, string sessionId, HttpMessageInvoker? http, CancellationToken cancellationToken)
    {
        var address = new UriBuilder(new Uri(relay, $"/v1/sessions/{Uri.EscapeDataString(sessionId)}/feed"))
        {
            Scheme = relay.Scheme == Uri.UriSchemeHttps ? Uri.UriSchemeWss : Uri.UriSchemeWs,
        };
        var feed = new WebSocketFeed();
        try
        {
            await feed._socket.ConnectAsync(address.Uri, http, cancellationToken);
            return feed;
        }
        catch (WebSocketException failure)
        {
            await feed.DisposeAsync();
            if (TlsFailures.Describe(failure) is { } problem)
            {
                throw new FeedException($"The relay at {relay} did not open a feed: {problem}", ErrorReason.Unspecified, isRetryable: false);
            }

            throw new FeedException(
                $"The relay at {relay} did not open a feed: {failure.Message.TrimEnd('.')}. Start one with 'motiongateway relay', or name it with --relay.",
                ErrorReason.Unspecified, isRetryable: true);
        }
        catch
        {
            await feed.DisposeAsync();
            throw;
        }
    }

    public async Task SendAsync(SubscribeRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await _socket.SendAsync(request.ToByteArray(), WebSocketMessageType.Binary, endOfMessage: true, cancellationToken);
        }
        catch (Exception failure) when (failure is WebSocketException or InvalidOperationException)
        {
            // The reason, if there is one, is still to be read.
        }
    }

    public async Task<SubscribeResponse?> ReceiveAsync(CancellationToken cancellationToken)
    {
        int length = 0;
        while (true)
        {
            var part = await ReceivePartAsync(length, cancellationToken);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                return _socket.CloseStatus == WebSocketCloseStatus.NormalClosure ? null : throw Closed();
            }

            length += part.Count;
            if (part.EndOfMessage)
            {
                return Parse(_buffer.AsSpan(0, length));
            }

            Grow(length);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
        {
            using var limit = new CancellationTokenSource(CloseTimeout);
            try
            {
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, limit.Token);
            }
            catch (Exception failure) when (failure is WebSocketException or OperationCanceledException or InvalidOperationException)
            {
                // The peer is gone already.
            }
        }

        _socket.Dispose();
    }

    private static SubscribeResponse Parse(ReadOnlySpan<byte> message)
    {
        SubscribeResponse response;
        try
        {
            response = SubscribeResponse.Parser.ParseFrom(message);
        }
        catch (InvalidProtocolBufferException)
        {
            throw new FeedException("The relay sent what is no message of a feed.", ErrorReason.Unspecified, isRetryable: false);
        }

        return response is { ResponseCase: SubscribeResponse.ResponseOneofCase.Failure, Failure: var failure }
            ? throw new FeedException(Failures.Describe(failure.Reason, failure.Message), failure.Reason, failure.Retryable)
            : response;
    }

    private async Task<ValueWebSocketReceiveResult> ReceivePartAsync(int offset, CancellationToken cancellationToken)
    {
        try
        {
            return await _socket.ReceiveAsync(_buffer.AsMemory(offset), cancellationToken);
        }
        catch (WebSocketException failure)
        {
            throw new FeedException($"The connection to the relay was lost: {failure.Message}", ErrorReason.Unspecified, isRetryable: true);
        }
    }

    private FeedException Closed() => new(
        $"The relay closed the feed with {(int?)_socket.CloseStatus}: {_socket.CloseStatusDescription}",
        ErrorReason.Unspecified, isRetryable: true);

    private void Grow(int length)
    {
        if (length == _buffer.Length)
        {
            if (length >= MaxMessageBytes)
            {
                throw new FeedException($"The relay sent a message of more than {MaxMessageBytes} bytes.", ErrorReason.Unspecified, isRetryable: false);
            }

            Array.Resize(ref _buffer, length * 2);
        }
    }
}
