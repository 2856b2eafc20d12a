using System.Net.WebSockets;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.MotionServer.Tests.Scripted;

/// <summary>The steps of a script: the server's end of one WebSocket.</summary>
/// <remarks>
/// None is cancelled by the request's token: a client that hangs up after its goodbye would take the goodbye away, and what the step before
/// was still writing would abort the socket. A client that is gone ends them anyway.
/// </remarks>
internal sealed class ScriptedSocket(WebSocket socket, HttpContext context)
{
    public WebSocket Socket { get; } = socket;

    public CancellationToken Aborted => context.RequestAborted;

    /// <summary>Reads the configuration and confirms it.</summary>
    public async Task<ClientConfigureSession> ConfirmAsync(params string[] capabilities)
    {
        Message configure = (await ReceiveAsync())!;
        await SendAsync(new Message
        {
            Type = MessageType.MessageServerConfirmSession,
            ServerConfirmSession = new ServerConfirmSession { ConnectionId = ScriptedServer.ConnectionId, Capabilities = { capabilities } },
        });
        return configure.ClientConfigureSession;
    }

    public Task SendAsync(Message message) => SendRawAsync(message.ToByteArray());

    public Task SendRawAsync(byte[] bytes, WebSocketMessageType type = WebSocketMessageType.Binary, bool endOfMessage = true) =>
        Socket.SendAsync(bytes, type, endOfMessage, CancellationToken.None);

    public Task SendErrorAsync(int code, string text, string requestId = "") => SendAsync(new Message
    {
        Type = MessageType.MessageServerError,
        ServerError = new ServerError { ConnectionId = ScriptedServer.ConnectionId, ReqId = requestId, Code = code, Message = text },
    });

    /// <summary>Reads one message; null is the client's close.</summary>
    public async Task<Message?> ReceiveAsync()
    {
        using MemoryStream whole = new();
        byte[] buffer = new byte[64 * 1024];
        while (true)
        {
            WebSocketReceiveResult result = await Socket.ReceiveAsync(buffer, CancellationToken.None);
            if (result.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            whole.Write(buffer, 0, result.Count);
            if (result.EndOfMessage)
            {
                return Message.Parser.ParseFrom(whole.ToArray());
            }
        }
    }

    /// <summary>Reads all messages up to the client's close, and answers that.</summary>
    public async Task<List<Message>> ReadToCloseAsync()
    {
        List<Message> messages = [];
        while (await ReceiveAsync() is Message message)
        {
            messages.Add(message);
        }

        await Socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        return messages;
    }

    public Task CloseAsync(int code, string? reason = null) => Socket.CloseOutputAsync((WebSocketCloseStatus)code, reason, CancellationToken.None);

    /// <summary>Breaks the TCP connection.</summary>
    public void Reset() => context.Abort();

    /// <summary>Ends the TCP connection in order, and the WebSocket without a word.</summary>
    public void HangUp() => Socket.Dispose();

    /// <summary>Does nothing until the client is gone.</summary>
    public async Task StallAsync()
    {
        TaskCompletionSource gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenRegistration registration = Aborted.Register(gone.SetResult);
        await gone.Task;
    }
}
