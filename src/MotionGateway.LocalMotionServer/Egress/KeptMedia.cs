using System.Buffers;

namespace MotionGateway.LocalMotion.Egress;

/// <summary>
/// The audio and motion that are kept of one request. Of each it is the beginning: after the first piece that was left out none is
/// kept. Guarded by its <see cref="EgressMediaStore"/>.
/// </summary>
internal sealed class KeptMedia
{
    private ArrayBufferWriter<byte> _audio = new();
    private List<ReadOnlyMemory<byte>> _motion = [];

    public ReadOnlyMemory<byte> Audio => _audio.WrittenMemory;

    public IReadOnlyList<ReadOnlyMemory<byte>> Motion => _motion;

    public long MotionBytes { get; private set; }

    public long Bytes => _audio.WrittenCount + MotionBytes;

    public long AudioBytesLeftOut { get; private set; }

    public int MotionMessagesLeftOut { get; private set; }

    /// <summary>Whether it has had to make room for others, and keeps nothing any more.</summary>
    public bool IsDropped { get; private set; }

    public bool TakesAudio => !IsDropped && AudioBytesLeftOut == 0;

    public bool TakesMotion => !IsDropped && MotionMessagesLeftOut == 0;

    public void AddAudio(ReadOnlySpan<byte> audio) => _audio.Write(audio);

    public void AddMotion(ReadOnlyMemory<byte> envelope)
    {
        _motion.Add(envelope);
        MotionBytes += envelope.Length;
    }

    public void LeaveOutAudio(long bytes) => AudioBytesLeftOut += bytes;

    public void LeaveOutMotion() => MotionMessagesLeftOut++;

    public void Drop()
    {
        IsDropped = true;
        AudioBytesLeftOut += _audio.WrittenCount;
        MotionMessagesLeftOut += _motion.Count;
        (_audio, _motion, MotionBytes) = (new ArrayBufferWriter<byte>(), [], 0);
    }
}
