using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace MotionGateway.Chaos.Tests.Network;

/// <summary>A TCP proxy of one hop, whose connections meet what networks do to them.</summary>
internal sealed class ChaosProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<ProxiedConnection, Task> _connections = new();
    private readonly Task _accepting;
    private volatile int _targetPort;
    private volatile bool _isRefusing;

    /// <param name="targetPort">Port of this machine that it stands before.</param>
    public ChaosProxy(int targetPort)
    {
        _targetPort = targetPort;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Host and port.</summary>
    public string Address => _listener.LocalEndpoint.ToString()!;

    public int ConnectionCount => _connections.Count;

    /// <summary>Where further connections go.</summary>
    public int TargetPort
    {
        set => _targetPort = value;
    }

    /// <summary>Whether further connections are reset at once.</summary>
    public bool IsRefusing
    {
        set => _isRefusing = value;
    }

    /// <summary>Does something to a connection by chance; nothing where there is none.</summary>
    public void ToOne(Random random, Action<ProxiedConnection> action)
    {
        var connections = _connections.Keys.ToArray();
        if (connections.Length > 0)
        {
            action(connections[random.Next(connections.Length)]);
        }
    }

    /// <summary>Does something to all connections.</summary>
    public void ToAll(Action<ProxiedConnection> action)
    {
        foreach (var connection in _connections.Keys)
        {
            action(connection);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
        ToAll(connection => connection.Cut());
        await Task.WhenAll(_connections.Values);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync();
                client.NoDelay = true;
                if (_isRefusing || await ConnectAsync() is not { } server)
                {
                    client.LingerState = new LingerOption(enable: true, seconds: 0);
                    client.Dispose();
                    continue;
                }

                var connection = new ProxiedConnection(client, server);
                _connections[connection] = ServeAsync(connection);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The proxy was disposed of.
        }
    }

    private async Task ServeAsync(ProxiedConnection connection)
    {
        await Task.Yield();
        await connection.RunAsync();
        _connections.TryRemove(connection, out _);
    }

    private async Task<Socket?> ConnectAsync()
    {
        var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, _targetPort);
            return server;
        }
        catch (SocketException)
        {
            server.Dispose();
            return null;
        }
    }
}
