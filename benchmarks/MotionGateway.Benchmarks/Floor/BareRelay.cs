using System.Net.WebSockets;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using MotionGateway.V1;

namespace MotionGateway.Benchmarks;

/// <summary>The relay's hops with nothing in them: a feed a viewer, over one channel, and its bytes copied to the viewer's WebSocket.</summary>
internal static class BareRelay
{
    public const string Command = "serve-bare-relay";

    // Responses stay the bytes that they are.
    private static readonly Method<SubscribeRequest, byte[]> Subscribe = new(
        MethodType.DuplexStreaming,
        "motiongateway.v1.FeedService",
        "Subscribe",
        Marshallers.Create<SubscribeRequest>(request => request.ToByteArray(), SubscribeRequest.Parser.ParseFrom),
        Marshallers.Create<byte[]>(bytes => bytes, bytes => bytes));

    /// <summary>Serves until the process is killed.</summary>
    public static async Task RunAsync(int port, int gateway)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenLocalhost(port));
        var app = builder.Build();
        using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{gateway}");
        var invoker = channel.CreateCallInvoker();
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = Timeout.InfiniteTimeSpan });
        app.MapGet("/readyz", () => Results.Ok());
        app.MapGet("/v1/sessions/{session}/feed", async (HttpContext context, string session) =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync("motiongateway.v1");
            using var call = invoker.AsyncDuplexStreamingCall(Subscribe, null, new CallOptions());
            await PassAsync(call, socket, session);
        });
        await app.RunAsync();
    }

    private static async Task PassAsync(AsyncDuplexStreamingCall<SubscribeRequest, byte[]> call, WebSocket socket, string session)
    {
        byte[] buffer = new byte[1024];
        await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
        await call.RequestStream.WriteAsync(new SubscribeRequest { Start = new StartFeed { SessionId = session } });
        var listening = ListenAsync(call, socket, buffer);
        try
        {
            while (await call.ResponseStream.MoveNext(CancellationToken.None))
            {
                await socket.SendAsync(call.ResponseStream.Current.AsMemory(), WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
            }
        }
        catch (Exception exception) when (exception is RpcException or WebSocketException)
        {
            // The viewer or the gateway has gone.
        }

        socket.Abort();
        await listening;
    }

    // What a viewer acknowledges is not asked for.
    private static async Task ListenAsync(AsyncDuplexStreamingCall<SubscribeRequest, byte[]> call, WebSocket socket, byte[] buffer)
    {
        try
        {
            while ((await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None)).MessageType != WebSocketMessageType.Close)
            {
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            // It has gone without a word.
        }

        call.Dispose();
    }
}
