using Google.Protobuf;
using MotionGateway.V1;

namespace MotionGateway.Feeds;

/// <summary>
/// Encodes payloads, once, as the serialized response that every gRPC reader and every binary WebSocket is sent.
/// A log writes media straight to where it keeps it (<see cref="MediaPayload"/>); events, which are rare, go through their messages.
/// </summary>
public static class PayloadEncoder
{
    /// <summary>Encodes a piece of speech.</summary>
    /// <param name="position">Epoch and sequence of the payload.</param>
    /// <param name="turnId">Turn that it belongs to.</param>
    /// <param name="firstSample">Place in the turn, in samples.</param>
    /// <param name="sampleCount">Samples on the session's timeline.</param>
    /// <param name="last">Whether it is the turn's last audio.</param>
    /// <param name="data">The samples, in the turn's encoding.</param>
    public static byte[] EncodeAudio(
        LogPosition position, string turnId, long firstSample, int sampleCount, bool last, ReadOnlySpan<byte> data) =>
        Encode(MediaPayload.OfAudio(position, turnId, firstSample, sampleCount, last, data));

    /// <summary>Encodes a piece of motion.</summary>
    /// <param name="position">Epoch and sequence of the payload.</param>
    /// <param name="turnId">Turn that it belongs to.</param>
    /// <param name="firstKeyframe">Place in the turn, in keyframes.</param>
    /// <param name="keyframeCount">Number of keyframes.</param>
    /// <param name="last">Whether it is the turn's last motion.</param>
    /// <param name="envelope">The Motion Server's message.</param>
    public static byte[] EncodeMotion(
        LogPosition position, string turnId, long firstKeyframe, int keyframeCount, bool last,
        ReadOnlySpan<byte> envelope) =>
        Encode(MediaPayload.OfMotion(position, turnId, firstKeyframe, keyframeCount, last, envelope));

    /// <summary>Encodes any payload.</summary>
    /// <param name="payload">The payload, with its epoch and sequence.</param>
    public static byte[] Encode(Payload payload) => new SubscribeResponse { Payload = payload }.ToByteArray();

    private static byte[] Encode(in MediaPayload media)
    {
        var response = GC.AllocateUninitializedArray<byte>(media.Size);
        media.Write(response);
        return response;
    }
}
