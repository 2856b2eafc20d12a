using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace MotionGateway.Interop.Tests;

/// <summary>Passes bytes between a client and a server until the test breaks the connections.</summary>
public sealed class BreakableProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentBag<Socket> _connections = [];
    private readonly ConcurrentBag<Task> _copies = [];
    private readonly TaskCompletionSource _thaw = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly int _port;
    private volatile bool _isFrozen;
    private readonly Task _accepting;

    /// <summary>Starts a proxy before a port of this machine.</summary>
    public BreakableProxy(int port)
    {
        _port = port;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where the proxy listens.</summary>
    public string Address => $"http://{_listener.LocalEndpoint}";

    /// <summary>Passes nothing on any more, and keeps the connections open.</summary>
    public void Freeze() => _isFrozen = true;

    /// <summary>Resets all connections.</summary>
    public void Break()
    {
        while (_connections.TryTake(out var connection))
        {
            connection.LingerState = new LingerOption(enable: true, seconds: 0);
            connection.Dispose();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        _thaw.TrySetResult();
        // What is being accepted is broken too.
        await _accepting;
        Break();
        await Task.WhenAll(_copies);
    }

    private async Task CopyAsync(Socket from, Socket to)
    {
        try
        {
            await using var source = new NetworkStream(from);
            await using var target = new NetworkStream(to);
            var buffer = new byte[4096];
            int count;
            while ((count = await source.ReadAsync(buffer)) > 0)
            {
                if (_isFrozen)
                {
                    await _thaw.Task;
                }

                await target.WriteAsync(buffer.AsMemory(0, count));
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException)
        {
            // The connection broke, as it is meant to.
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync();
                var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await server.ConnectAsync(IPAddress.Loopback, _port);
                _connections.Add(client);
                _connections.Add(server);
                _copies.Add(CopyAsync(client, server));
                _copies.Add(CopyAsync(server, client));
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The proxy was disposed of.
        }
    }
}
