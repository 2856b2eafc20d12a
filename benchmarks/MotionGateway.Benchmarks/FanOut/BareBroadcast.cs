using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MotionGateway.Benchmarks;

/// <summary>
/// A broadcast over Kestrel's WebSockets with nothing around it: a loop a core, each with its share of a session's viewers, sends them
/// what the session's source sent, and waits for those that are slow. No positions, no acknowledgements, no bounds.
/// </summary>
internal static class BareBroadcast
{
    public const string Command = "serve-bare-broadcast";

    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    /// <summary>Serves until the process is killed.</summary>
    public static async Task RunAsync(int port)
    {
        var sessions = new ConcurrentDictionary<string, Share[]>();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenLocalhost(port));
        var app = builder.Build();
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = KeepAlive });
        app.MapGet("/readyz", () => Results.Ok());
        app.MapGet("/source/{session}", async (HttpContext context, string session) =>
            await ReadSourceAsync(await context.WebSockets.AcceptWebSocketAsync(), Get(session)));
        app.MapGet("/viewer/{session}", async (HttpContext context, string session) =>
        {
            var socket = await context.WebSockets.AcceptWebSocketAsync("motiongateway.v1");
            int at = context.Connection.RemotePort % Environment.ProcessorCount;
            Get(session)[at].Add(socket);
            await socket.ReceiveAsync(new byte[1], CancellationToken.None);
        });
        await app.RunAsync();

        Share[] Get(string session) => sessions.GetOrAdd(session, static _ => [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Share())]);
    }

    private static async Task ReadSourceAsync(WebSocket source, Share[] shares)
    {
        byte[] buffer = new byte[64 * 1024];
        while (true)
        {
            int length = 0;
            ValueWebSocketReceiveResult part;
            do
            {
                part = await source.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                length += part.Count;
            }
            while (!part.EndOfMessage);
            byte[] message = buffer[..length];
            foreach (var share in shares)
            {
                share.Send(message);
            }
        }
    }

    private sealed class Share
    {
        private readonly Channel<byte[]> _messages = Channel.CreateUnbounded<byte[]>();
        private volatile WebSocket[] _viewers = [];

        public Share() => _ = Task.Run(SendAllAsync);

        public void Send(byte[] message) => _messages.Writer.TryWrite(message);

        public void Add(WebSocket viewer)
        {
            lock (_messages)
            {
                _viewers = [.. _viewers, viewer];
            }
        }

        private async Task SendAllAsync()
        {
            List<Task> slow = [];
            await foreach (byte[] message in _messages.Reader.ReadAllAsync())
            {
                foreach (var viewer in _viewers)
                {
                    var sending = viewer.SendAsync(message.AsMemory(), WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
                    if (!sending.IsCompletedSuccessfully)
                    {
                        slow.Add(sending.AsTask());
                    }
                }

                await Task.WhenAll(slow);
                slow.Clear();
            }
        }
    }
}
