using System.Text.Json.Serialization;

namespace MotionGateway.LocalMotion.Cassettes;

/// <summary>A cassette's first line.</summary>
internal sealed record CassetteHeader
{
    public const string FormatName = "motiongateway-cassette";
    public const int CurrentVersion = 1;

    public string? Format { get; init; }

    public int? Version { get; init; }

    public DateTimeOffset? Created { get; init; }
}

/// <summary>Any other line of a cassette: something that happened, and when. Which members are filled depends on the kind.</summary>
internal sealed record CassetteEntry
{
    /// <summary>Milliseconds since the recording began.</summary>
    public double Ms { get; init; }

    /// <summary>One of <see cref="CassetteKind"/>.</summary>
    public string Kind { get; init; } = "";

    /// <summary>Number of the connection, from 1; not for tokens.</summary>
    public int? Connection { get; init; }

    /// <summary>Who did it: <see cref="CassetteSide.Client"/> or <see cref="CassetteSide.Server"/>.</summary>
    public string? From { get; init; }

    public int? Status { get; init; }

    /// <summary>Key under which the token came.</summary>
    public string? TokenField { get; init; }

    public double? TokenLifetimeMs { get; init; }

    public string? AvatarId { get; init; }

    /// <summary>Where the credentials were: <c>headers</c> or <c>query</c>.</summary>
    public string? Auth { get; init; }

    public string? ContentType { get; init; }

    public string? RetryAfter { get; init; }

    /// <summary>Where an answer points.</summary>
    public string? Location { get; init; }

    /// <summary>Name of the protocol's message, for people.</summary>
    public string? Message { get; init; }

    public string? ReqId { get; init; }

    public string? AudioFormat { get; init; }

    public int? SampleRate { get; init; }

    /// <summary>Close code; 1005 for none.</summary>
    public int? Code { get; init; }

    public string? Reason { get; init; }

    /// <summary>Bytes that were too many to be kept, or of an answer that may hold a token where none is looked for.</summary>
    public long? OmittedBytes { get; init; }

    /// <summary>The message, frame or body.</summary>
    public byte[]? Data { get; init; }
}

internal static class CassetteKind
{
    public const string Token = "token";
    public const string Upgrade = "upgrade";
    public const string Message = "message";
    public const string Text = "text";
    public const string Close = "close";
    public const string Cut = "cut";

    public static bool IsKnown(string kind) => kind is Token or Upgrade or Message or Text or Close or Cut;
}

internal static class CassetteSide
{
    public const string Client = "client";
    public const string Server = "server";
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CassetteHeader))]
[JsonSerializable(typeof(CassetteEntry))]
[JsonSerializable(typeof(ImportedRecording))]
internal sealed partial class CassetteJson : JsonSerializerContext;
