using System.Net.Sockets;
using System.Text;

namespace MotionGateway.LocalMotion.Tests;

/// <summary>A WebSocket opened by hand, for what the WebSocket client does not show.</summary>
internal static class RawUpgrade
{
    public static byte[] Request(LocalMotionServer server, string avatarId, string token) => Encoding.ASCII.GetBytes(
        $"GET /v2/driveningress/websocket?id={avatarId} HTTP/1.1\r\nHost: {server.BaseAddress.Authority}\r\n"
        + "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        + $"X-App-ID: local-app\r\nX-Session-Key: {token}\r\n\r\n");

    /// <summary>The head of the answer to an upgrade.</summary>
    public static async Task<string> HeadAsync(LocalMotionServer server, string avatarId, string token)
    {
        using var limit = new CancellationTokenSource(TaskTimeoutExtensions.Limit);
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(server.BaseAddress.Host, server.BaseAddress.Port, limit.Token);
        NetworkStream stream = tcp.GetStream();
        await stream.WriteAsync(Request(server, avatarId, token), limit.Token);
        return await ReadHeadAsync(stream, limit.Token);
    }

    /// <summary>Reads up to the end of the head, which has to be that of a 101.</summary>
    public static async Task<string> ReadHeadAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var head = new StringBuilder();
        byte[] one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(one, cancellationToken);
            head.Append((char)one[0]);
        }

        Assert.StartsWith("HTTP/1.1 101", head.ToString(), StringComparison.Ordinal);
        return head.ToString();
    }

    /// <summary>The connection ends, with or without a reset.</summary>
    public static async Task AssertCutAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        try
        {
            Assert.Equal(0, await stream.ReadAsync(new byte[1], cancellationToken));
        }
        catch (IOException exception)
        {
            Assert.IsType<SocketException>(exception.InnerException);
        }
    }
}
