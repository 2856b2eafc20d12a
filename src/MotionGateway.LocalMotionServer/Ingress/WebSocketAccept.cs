using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace MotionGateway.LocalMotion.Ingress;

/// <summary>The answer to a WebSocket's key (RFC 6455, section 1.3), for upgrades that are answered or checked by hand.</summary>
internal static class WebSocketAccept
{
    [SuppressMessage("Security", "CA5350:Do Not Use Weak Cryptographic Algorithms", Justification = "RFC 6455 demands SHA-1, and nothing secret rests on it.")]
    public static string Of(string key) =>
        Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
}
