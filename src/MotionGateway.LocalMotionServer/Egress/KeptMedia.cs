namespace MotionGateway.LocalMotion.Egress;

/// <summary>
/// The audio and motion that are kept of one request. Of each it is the beginning: after the first piece that was left out none is
/// kept. Guarded by its <see cref="EgressMediaStore"/>.
/// </summary>
internal sealed class KeptMedia
{
    /// <summary>Bytes that a message of motion takes beside its own: its array's header, and its place in a list that doubles.</summary>
    public const int MotionMessageCost = 64;

    private const int MaxBlock = 64 * 1024;

    // All but the last are full.
    private List<byte[]> _audio = [];
    private List<ReadOnlyMemory<byte>> _motion = [];

    public int AudioBytes { get; private set; }

    /// <summary>Bytes of the blocks that hold the audio.</summary>
    public int AudioCapacity { get; private set; }

    public int FreeAudioBytes => AudioCapacity - AudioBytes;

    /// <summary>Bytes of the block to add when the last one is full: doubles what is held, so that small pieces need few.</summary>
    public int NextBlock => Math.Min(AudioCapacity, MaxBlock);

    public IReadOnlyList<ReadOnlyMemory<byte>> Motion => _motion;

    /// <summary>Bytes of the motion, with <see cref="MotionMessageCost"/> for each message.</summary>
    public long MotionBytes { get; private set; }

    /// <summary>Bytes that are held.</summary>
    public long Bytes => AudioCapacity + MotionBytes;

    public long AudioBytesLeftOut { get; private set; }

    public int MotionMessagesLeftOut { get; private set; }

    /// <summary>Whether it has had to make room for others, and keeps nothing any more.</summary>
    public bool IsDropped { get; private set; }

    public bool TakesAudio => !IsDropped && AudioBytesLeftOut == 0;

    public bool TakesMotion => !IsDropped && MotionMessagesLeftOut == 0;

    /// <summary>Adds audio, and before it a block of that size; 0 for none, when <see cref="FreeAudioBytes"/> are enough.</summary>
    public void AddAudio(ReadOnlySpan<byte> audio, int block)
    {
        int first = Math.Min(audio.Length, FreeAudioBytes);
        if (first > 0)
        {
            audio[..first].CopyTo(_audio[^1].AsSpan(^FreeAudioBytes..));
        }

        if (block > 0)
        {
            _audio.Add(new byte[block]);
            audio[first..].CopyTo(_audio[^1]);
        }

        (AudioBytes, AudioCapacity) = (AudioBytes + audio.Length, AudioCapacity + block);
    }

    /// <summary>A copy of the audio.</summary>
    public byte[] ReadAudio()
    {
        byte[] audio = new byte[AudioBytes];
        Span<byte> rest = audio;
        foreach (byte[] block in _audio)
        {
            int length = Math.Min(block.Length, rest.Length);
            block.AsSpan(0, length).CopyTo(rest);
            rest = rest[length..];
        }

        return audio;
    }

    public void AddMotion(ReadOnlyMemory<byte> envelope)
    {
        _motion.Add(envelope);
        MotionBytes += envelope.Length + MotionMessageCost;
    }

    public void LeaveOutAudio(long bytes) => AudioBytesLeftOut += bytes;

    public void LeaveOutMotion() => MotionMessagesLeftOut++;

    public void Drop()
    {
        IsDropped = true;
        AudioBytesLeftOut += AudioBytes;
        MotionMessagesLeftOut += _motion.Count;
        (_audio, _motion) = ([], []);
        (AudioBytes, AudioCapacity, MotionBytes) = (0, 0, 0);
    }
}
