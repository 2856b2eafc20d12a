using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using MotionGateway.LocalMotion.Tokens;

namespace MotionGateway.LocalMotion.Egress;

/// <summary>Shows the <see cref="EgressRecord"/>.</summary>
internal sealed class EgressEndpoint(EgressRecord record)
{
    public const string Path = "/control/egress";

    public Task HandleAsync(HttpContext context)
    {
        var answer = new EgressAnswer([.. record.Connections.Select(EgressConnectionAnswer.From)]);
        return ApiError.WriteJsonAsync(context, StatusCodes.Status200OK, answer, EgressJson.Default.EgressAnswer);
    }
}

internal sealed record EgressAnswer(IReadOnlyList<EgressConnectionAnswer> Connections);

internal sealed record EgressConnectionAnswer(
    string ConnectionId, string AvatarId, EgressTargetAnswer Target, DateTimeOffset OpenedAt, DateTimeOffset? ClosedAt, IReadOnlyList<EgressRequestAnswer> Requests)
{
    public static EgressConnectionAnswer From(EgressConnection connection) => new(
        connection.ConnectionId,
        connection.AvatarId,
        EgressTargetAnswer.From(connection.Target),
        connection.OpenedAt,
        connection.ClosedAt,
        [.. connection.Requests.Select(EgressRequestAnswer.From)]);
}

internal sealed record EgressTargetAnswer(
    string Type, string Url, string Room, string PublisherId, long Uid, string Credentials, double? IdleTimeoutSeconds, IReadOnlyList<string> AttributeNames)
{
    public static EgressTargetAnswer From(EgressTarget target) => new(
        target.Type, target.Url, target.Room, target.PublisherId, target.Uid, target.Credentials, target.IdleTimeout?.TotalSeconds, target.AttributeNames);
}

internal sealed record EgressRequestAnswer(
    string ReqId, long AudioBytes, double AudioMs, bool AudioEnded, int MotionMessages, long Keyframes, string State, long PlayedMs, string Reason)
{
    public static EgressRequestAnswer From(EgressRequest request) => new(
        request.RequestId,
        request.AudioBytes,
        request.AudioDuration.TotalMilliseconds,
        request.AudioEnded,
        request.MotionMessages,
        request.Keyframes,
        request.State.ToString().ToUpperInvariant(),
        (long)request.Played.TotalMilliseconds,
        request.Reason);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(EgressAnswer))]
internal sealed partial class EgressJson : JsonSerializerContext;
