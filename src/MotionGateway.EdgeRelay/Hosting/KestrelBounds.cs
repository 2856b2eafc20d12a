using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace MotionGateway.EdgeRelay;

/// <summary>What the server itself keeps for a connection.</summary>
internal static class KestrelBounds
{
    // A browser's microphone brings 96 KB a second. The server's own bound is 1 MiB, which a viewer whose feed only comes down could
    // fill for as long as it stays.
    private const int MaxUnreadBytes = 64 * 1024;

    // HTTP/2 does not allow less for a stream.
    private const int MaxUnreadBytesOfStream = (64 * 1024) - 1;

    public static void Set(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBufferSize = MaxUnreadBytes;
        kestrel.Limits.Http2.InitialStreamWindowSize = MaxUnreadBytesOfStream;
        kestrel.Limits.Http2.InitialConnectionWindowSize = 2 * MaxUnreadBytes;
    }

    public static void Set(SocketTransportOptions sockets) => sockets.MaxReadBufferSize = MaxUnreadBytes;
}
