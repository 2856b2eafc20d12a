using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Grpc.Core;
using MotionGateway.Messages.DrivenIngress.V2;
using MotionGateway.V1;

namespace MotionGateway.Benchmarks;

/// <summary>
/// What opening a session takes at the least: a session token, a WebSocket to the Motion Server, its handshake, and an answer; until the
/// caller half-closes. No session, no log, no bounds.
/// </summary>
internal sealed class BareSpeech(int motionServerPort) : SpeechService.SpeechServiceBase, IDisposable
{
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false });
    private readonly Uri _tokens = new($"http://127.0.0.1:{motionServerPort}/v1/console/session-tokens");
    private readonly Uri _ingress = new($"ws://127.0.0.1:{motionServerPort}/v2/driveningress/websocket?id=benchmark");

    public override async Task Speak(
        IAsyncStreamReader<SpeakRequest> requestStream, IServerStreamWriter<SpeakResponse> responseStream, ServerCallContext context)
    {
        await requestStream.MoveNext(CancellationToken.None);
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("X-App-ID", "local-app");
        socket.Options.SetRequestHeader("X-Session-Key", await FetchTokenAsync());
        await socket.ConnectAsync(_ingress, _http, CancellationToken.None);
        string connectionId = await AgreeAsync(socket, requestStream.Current.Open.AudioFormat.SampleRate);
        await responseStream.WriteAsync(new SpeakResponse { Opened = new SessionOpened { SessionId = connectionId } });
        while (await requestStream.MoveNext(CancellationToken.None))
        {
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, statusDescription: null, CancellationToken.None);
    }

    public void Dispose() => _http.Dispose();

    private static async Task<string> AgreeAsync(WebSocket socket, int sampleRate)
    {
        var configure = new Message
        {
            Type = MessageType.MessageClientConfigureSession,
            ClientConfigureSession = new ClientConfigureSession { SampleRate = sampleRate },
        };
        await socket.SendAsync(configure.ToByteArray(), WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
        byte[] buffer = new byte[1024];
        var received = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
        return Message.Parser.ParseFrom(buffer, 0, received.Count).ServerConfirmSession.ConnectionId;
    }

    private async Task<string> FetchTokenAsync()
    {
        long expiresAt = DateTimeOffset.UtcNow.AddMinutes(10).ToUnixTimeSeconds();
        using var request = new HttpRequestMessage(HttpMethod.Post, _tokens)
        {
            Content = new StringContent($$"""{"expireAt":{{expiresAt}}}""", Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("X-Api-Key", "local-key");
        using var response = await _http.SendAsync(request, CancellationToken.None);
        using var answer = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync());
        return answer.RootElement.GetProperty("sessionToken").GetString()!;
    }
}
