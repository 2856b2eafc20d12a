using System.Net.Sockets;

namespace MotionGateway.Chaos.Tests.Network;

/// <summary>One TCP connection through a proxy, which can be broken, half closed and stalled.</summary>
// What is disposed of when it is over.
#pragma warning disable CA1001
internal sealed class ProxiedConnection(Socket client, Socket server)
#pragma warning restore CA1001
{
    private const int BufferBytes = 16 * 1024;

    private readonly CancellationTokenSource _over = new();
    private volatile Task _gate = Task.CompletedTask;

    /// <summary>Passes bytes both ways until both directions have ended or the connection is broken.</summary>
    public async Task RunAsync()
    {
        try
        {
            await Task.WhenAll(PumpAsync(client, server), PumpAsync(server, client));
        }
        finally
        {
            client.Dispose();
            server.Dispose();
            _over.Dispose();
        }
    }

    /// <summary>Resets both sides.</summary>
    public void Cut()
    {
        foreach (var socket in new[] { client, server })
        {
            Try(() =>
            {
                socket.LingerState = new LingerOption(enable: true, seconds: 0);
                socket.Close();
            });
        }

        Try(_over.Cancel);
    }

    /// <summary>Ends one direction: its receiver sees the end of the stream, and may go on sending.</summary>
    public void HalfClose(bool towardsServer) => Try(() => (towardsServer ? server : client).Shutdown(SocketShutdown.Send));

    /// <summary>Passes nothing on for a while, as if the peer were stopped. What was sent meanwhile comes afterwards.</summary>
    public void Stall(TimeSpan time) => _gate = Task.Delay(time);

    private static void Try(Action action)
    {
        try
        {
            action();
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // It ended by itself in the meantime.
        }
    }

    private async Task PumpAsync(Socket from, Socket to)
    {
        byte[] buffer = new byte[BufferBytes];
        try
        {
            int count;
            while ((count = await from.ReceiveAsync(buffer.AsMemory(), SocketFlags.None, _over.Token)) > 0)
            {
                await _gate.WaitAsync(_over.Token);
                for (int sent = 0; sent < count;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), SocketFlags.None, _over.Token);
                }
            }

            await _gate.WaitAsync(_over.Token);
            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // One side is gone: so is the other.
            Cut();
        }
    }
}
