using System.Text.Json;
using Microsoft.AspNetCore.Http;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Ingress;

/// <summary>The texts by which clients tell one refusal from another. They are the real service's, as far as those are known.</summary>
internal static class Refusals
{
    public const string InvalidToken = "Invalid session token";
    public const string ExpiredToken = "Session token expired";
    public const string UnknownApp = "App ID unrecognized";

    /// <summary>Close code for a request at fault: 40xx tells a client not to try the same again.</summary>
    public const int CloseRequestAtFault = 4000;

    /// <summary>Codes of <see cref="ServerError"/> from gRPC, which the service uses beside its own.</summary>
    public const int InvalidArgument = 3;
    public const int ResourceExhausted = 8;
    public const int Unimplemented = 12;
    public const int Internal = 13;
    public const int Unavailable = 14;
    public const int Unauthenticated = 16;

    /// <summary>An error whose text says all: for ends that have no close code of their own.</summary>
    public const int NoCode = 0;

    /// <summary>The service's code for a protocol violation. Not 3: clients would take that for an invalid request before they read the text.</summary>
    public const int ProtocolViolation = 4000;

    /// <summary>Codes of the service's own, for an error and the close that follows it alike.</summary>
    public const int CreditsExhausted = 4001;
    public const int SessionTimeLimit = 4002;
    public const int ConcurrencyLimit = 4003;

    public const string NoCredits = "credits exhausted";
    public const string SessionIsOver = "session time limit reached";
    public const string TooManyConnections = "concurrency limit reached";

    /// <summary>Beyond those that are let in to be told of the limit.</summary>
    public const string FarTooManyConnections = "Too many connections";

    public static ServerError Error(int code, string message, string requestId = "") => new() { Code = code, Message = message, ReqId = requestId };

    /// <summary>By this text clients tell a missing avatar from a wrong app.</summary>
    public static string UnknownAvatar(string avatarId) => $"Avatar not found: {avatarId}";

    /// <summary>Refuses an upgrade in the service's form: JSON with a newline at its end.</summary>
    public static async Task WriteMessageAsync(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync($"{{\"message\":\"{JsonEncodedText.Encode(message)}\"}}\n", context.RequestAborted);
    }
}
