namespace MotionGateway.LocalMotion.Egress;

/// <summary>Where a client wanted its speech and motion published: its egress configuration without the secrets.</summary>
/// <param name="Type"><c>livekit</c> or <c>agora</c>.</param>
/// <param name="Url">LiveKit's server, without user and query; empty for Agora.</param>
/// <param name="Room">LiveKit's room or Agora's channel.</param>
/// <param name="PublisherId">Identity to publish as; may be empty for Agora.</param>
/// <param name="Uid">Agora's numeric user id; 0 for none.</param>
/// <param name="Credentials">Which credentials came, never what they are: <c>api_token</c>, <c>api_key and api_secret</c>, <c>token</c> or <c>none</c>.</param>
/// <param name="IdleTimeout">Silence after which the server leaves; null for never.</param>
/// <param name="AttributeNames">Names of LiveKit's extra attributes, sorted. Their values may be secrets.</param>
public sealed record EgressTarget(
    string Type,
    string Url,
    string Room,
    string PublisherId,
    long Uid,
    string Credentials,
    TimeSpan? IdleTimeout,
    IReadOnlyList<string> AttributeNames);
