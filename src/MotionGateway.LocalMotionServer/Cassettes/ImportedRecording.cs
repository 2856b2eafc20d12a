using System.Text.Json.Serialization;

namespace MotionGateway.LocalMotion.Cassettes;

/// <summary>A recording in its JSON form: one request's speech and the motion that came for it, without times.</summary>
internal sealed record ImportedRecording
{
    [JsonPropertyName("sample_rate")]
    public int SampleRate { get; init; }

    [JsonPropertyName("audio_base64")]
    public string? Audio { get; init; }

    [JsonPropertyName("connection_id")]
    public string? ConnectionId { get; init; }

    [JsonPropertyName("req_id")]
    public string? RequestId { get; init; }

    [JsonPropertyName("animation_messages_base64")]
    public IReadOnlyList<string>? Messages { get; init; }
}
