using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using MotionGateway.LocalMotion.Tokens;

namespace MotionGateway.LocalMotion.Egress;

/// <summary>Shows the <see cref="EgressRecord"/>: the books, and each request's media.</summary>
internal sealed class EgressEndpoint(EgressRecord record)
{
    public const string Path = "/control/egress";

    public const string AudioPath = Path + "/{connection}/{request}/audio";
    public const string MotionPath = Path + "/{connection}/{request}/motion";

    /// <summary>The header that tells how many bytes of audio are missing at the end.</summary>
    public const string LeftOutHeader = "X-Audio-Bytes-Left-Out";

    public Task ListAsync(HttpContext context)
    {
        var answer = new EgressAnswer([.. record.Connections.Select(EgressConnectionAnswer.From)]);
        return ApiError.WriteJsonAsync(context, StatusCodes.Status200OK, answer, EgressJson.Default.EgressAnswer);
    }

    public async Task SendAudioAsync(HttpContext context)
    {
        if (Find(context) is not { } media)
        {
            await RefuseAsync(context);
            return;
        }

        if (media.Audio.IsEmpty && media.AudioBytesLeftOut > 0)
        {
            await ApiError.WriteAsync(context, StatusCodes.Status410Gone, "left_out", $"The audio is not kept any more: set {nameof(LocalMotionServerOptions.KeptEgressBytes)} higher, or ask earlier.");
            return;
        }

        context.Response.Headers[LeftOutHeader] = media.AudioBytesLeftOut.ToString(CultureInfo.InvariantCulture);
        context.Response.ContentType = media.IsOggOpus ? "audio/ogg" : "audio/wav";
        if (!media.IsOggOpus)
        {
            await context.Response.Body.WriteAsync(WavHeader.Of(WholeSamples(media), media.SampleRate), context.RequestAborted);
        }

        await context.Response.Body.WriteAsync(media.IsOggOpus ? media.Audio : media.Audio[..WholeSamples(media)], context.RequestAborted);
    }

    public Task SendMotionAsync(HttpContext context) => Find(context) is { } media
        ? ApiError.WriteJsonAsync(
            context,
            StatusCodes.Status200OK,
            new EgressMotionAnswer([.. media.Motion.Select(envelope => Convert.ToBase64String(envelope.Span))], media.MotionMessagesLeftOut),
            EgressJson.Default.EgressMotionAnswer)
        : RefuseAsync(context);

    // Half a sample at the end is no sound.
    private static int WholeSamples(EgressMedia media) => media.Audio.Length & ~1;

    private EgressMedia? Find(HttpContext context)
    {
        // As it was sent: a req_id may hold an escaped slash, which a route value does not tell from one that was escaped twice.
        // The routes match with a slash at the end too.
        string[] parts = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Split('?')[0].TrimEnd('/').Split('/');
        return record.FindMedia(Uri.UnescapeDataString(parts[^3]), Uri.UnescapeDataString(parts[^2]));
    }

    private static Task RefuseAsync(HttpContext context) =>
        ApiError.WriteAsync(context, StatusCodes.Status404NotFound, "not_found", $"No request of that connection and req_id is remembered; GET {Path} lists those that are.");
}

internal sealed record EgressAnswer(IReadOnlyList<EgressConnectionAnswer> Connections);

internal sealed record EgressMotionAnswer(IReadOnlyList<string> Envelopes, int MessagesLeftOut);

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
    string ReqId, long AudioBytes, double AudioMs, bool AudioEnded, int MotionMessages, long Keyframes, string State, long PlayedMs, string Reason,
    long AudioBytesLeftOut, int MotionMessagesLeftOut)
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
        request.Reason,
        request.AudioBytesLeftOut,
        request.MotionMessagesLeftOut);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(EgressAnswer))]
[JsonSerializable(typeof(EgressMotionAnswer))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class EgressJson : JsonSerializerContext;
