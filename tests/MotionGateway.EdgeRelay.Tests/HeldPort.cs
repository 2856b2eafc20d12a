using System.Net;
using System.Net.Sockets;

namespace MotionGateway.EdgeRelay.Tests;

/// <summary>
/// A port of this machine for a server that is stopped and started again: nobody else is given it meanwhile, and connections
/// are refused.
/// </summary>
/// <remarks>
/// Bound and never listening. .NET binds TCP sockets so that, on Linux, another may be given the same port when it asks for
/// exactly that one. Elsewhere nothing holds the port between two servers.
/// </remarks>
internal sealed class HeldPort : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    private HeldPort()
    {
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Url = $"http://{_socket.LocalEndPoint}";
        if (!OperatingSystem.IsLinux())
        {
            _socket.Dispose();
        }
    }

    /// <summary>Where the server is to listen.</summary>
    public string Url { get; }

    /// <summary>Takes a free port.</summary>
    public static HeldPort Take() => new();

    public void Dispose() => _socket.Dispose();
}
