using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace MotionGateway.MotionServer.Tests.Scripted;

/// <summary>An upgrade to a WebSocket by hand (RFC 6455, section 4.2.2), for what no WebSocket class sends.</summary>
internal static class ScriptedUpgrade
{
    /// <summary>Sets the headers of a right answer, for a test to spoil.</summary>
    public static void Answer(HttpContext context)
    {
        context.Response.Headers.Upgrade = "websocket";
        context.Response.Headers.Connection = "Upgrade";
        context.Response.Headers.SecWebSocketAccept = Accept(context.Request.Headers.SecWebSocketKey.ToString());
    }

    /// <summary>The right answer to a client's key.</summary>
    public static string Accept(string key)
    {
#pragma warning disable CA5350 // RFC 6455 demands SHA-1.
        return Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
    }

    /// <summary>Sends the answer; what is written then are the server's frames.</summary>
    public static Task<Stream> CompleteAsync(HttpContext context) => context.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync();
}
