using System.Net.Sockets;
using System.Text;
using MotionGateway.Testing;

namespace MotionGateway.EndToEnd.Tests.Deploy;

/// <summary>A unit's service, started as systemd would: its command, its environment and no other, and a socket to tell how it is.</summary>
internal sealed class NotifiedService : IAsyncDisposable
{
    private const int MaxMessageBytes = 4096;

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly string _socketPath;

    private NotifiedService(SystemTree tree, SystemdUnit unit)
    {
        _socketPath = tree.PathTo($"notify-{Guid.NewGuid():N}");
        _socket.Bind(new UnixDomainSocketEndPoint(_socketPath));
        string[] environment = unit.EnvironmentFile is { } file ? File.ReadAllLines(tree.PathTo(file)) : [];
        var command = unit.Command.Select(part => part.StartsWith('/') ? tree.PathTo(part) : part);
        Process = ChildProcess.Start("env", ["-i", $"NOTIFY_SOCKET={_socketPath}", .. environment, .. command], tree.Root);
    }

    /// <summary>The service's process.</summary>
    public ChildProcess Process { get; }

    public static NotifiedService Start(SystemTree tree, SystemdUnit unit) => new(tree, unit);

    /// <summary>What it tells next.</summary>
    public async Task<string> ReceiveAsync()
    {
        byte[] message = new byte[MaxMessageBytes];
        return Encoding.UTF8.GetString(message, 0, await _socket.ReceiveAsync(message).DefaultTimeout());
    }

    /// <summary>Whether it has told something that was not received yet.</summary>
    public bool HasTold => _socket.Available > 0;

    /// <summary>Asks it to stop, as systemd does first.</summary>
    public Task TerminateAsync() => ChildProcess.RunAsync("kill", ["-TERM", $"{Process.Id}"]);

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        _socket.Dispose();
        File.Delete(_socketPath);
    }
}
