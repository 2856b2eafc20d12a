using System.Net.WebSockets;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Ingress;

/// <summary>How the server ends a connection: what it says first, if anything, and the close that follows.</summary>
internal sealed record Ending(ServerError? Error, int CloseCode, string Reason)
{
    /// <summary>Says why, and closes with the same text.</summary>
    public static Ending With(int errorCode, int closeCode, string text, string requestId = "") =>
        new(Refusals.Error(errorCode, text, requestId), closeCode, text);

    /// <summary>Closes without a word before.</summary>
    public static Ending Close(WebSocketCloseStatus status, string reason) => new(null, (int)status, reason);
}
