using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Egress;

/// <summary>What would have been published of one request.</summary>
/// <param name="RequestId">The client's <c>req_id</c>.</param>
/// <param name="AudioBytes">Bytes of audio, as they came.</param>
/// <param name="AudioDuration">Media time of that audio.</param>
/// <param name="AudioEnded">Whether the client marked the end.</param>
/// <param name="MotionMessages">Pieces of motion made.</param>
/// <param name="Keyframes">Keyframes in them.</param>
/// <param name="State">State of the playback.</param>
/// <param name="Played">Media time played at the last change of state.</param>
/// <param name="Reason">Why it was interrupted: <c>explicit</c>, <c>preempted</c>, <c>pause_timeout</c>; else empty.</param>
/// <param name="AudioBytesLeftOut">Bytes of audio, PCM where it was decoded, that are not in <see cref="EgressMedia.Audio"/>, because of the server's limits.</param>
/// <param name="MotionMessagesLeftOut">Messages that are not in <see cref="EgressMedia.Motion"/>, because of the server's limits.</param>
public sealed record EgressRequest(
    string RequestId,
    long AudioBytes,
    TimeSpan AudioDuration,
    bool AudioEnded,
    int MotionMessages,
    long Keyframes,
    PlaybackState State,
    TimeSpan Played,
    string Reason,
    long AudioBytesLeftOut,
    int MotionMessagesLeftOut);
