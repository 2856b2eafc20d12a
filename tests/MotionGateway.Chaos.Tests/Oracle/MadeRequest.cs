using System.Buffers;

namespace MotionGateway.Chaos.Tests.Oracle;

/// <summary>One request at the Motion Server: what speech it took, and what motion it made of it.</summary>
internal sealed class MadeRequest(string connectionId, string requestId)
{
    private readonly ArrayBufferWriter<byte> _speech = new();
    private (byte[]? Speech, long From) _lookedAt;
    private bool _fits;

    public string ConnectionId { get; } = connectionId;

    public string RequestId { get; } = requestId;

    /// <summary>The speech taken.</summary>
    public ReadOnlySpan<byte> Speech => _speech.WrittenSpan;

    /// <summary>Fingerprints of the keyframes made, in order.</summary>
    public List<ulong> Keyframes { get; } = [];

    public void Take(ReadOnlySpan<byte> pcm) => _speech.Write(pcm);

    /// <summary>
    /// Whether this request's keyframe was made for speech that stands at a place of a turn: all speech of the request is the turn's
    /// from there on, to the byte, and the keyframe is as far in it.
    /// </summary>
    /// <param name="keyframe">The keyframe of the request.</param>
    /// <param name="speech">The turn's speech.</param>
    /// <param name="place">The turn's keyframe.</param>
    /// <param name="bytesPerKeyframe">Bytes of speech of one keyframe.</param>
    public bool IsMadeFor(int keyframe, byte[] speech, long place, int bytesPerKeyframe)
    {
        long from = (place - keyframe) * bytesPerKeyframe;
        if (_lookedAt != (speech, from))
        {
            _lookedAt = (speech, from);
            _fits = from >= 0 && from + Speech.Length <= speech.Length && Speech.SequenceEqual(speech.AsSpan((int)from, Speech.Length));
        }

        return _fits;
    }
}
