using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.Sessions;

/// <summary>One turn: what was received of it, what waits, what was released, what was heard.</summary>
internal sealed class SpeechTurn(string id, long ordinal, string requestId, int sampleRate, TimeProvider timeProvider)
{
    private readonly Queue<StagedMedia> _staged = new();
    private readonly byte[] _head = new byte[4];
    private byte _carry;
    private bool _hasCarry;

    public string Id { get; } = id;

    public long Ordinal { get; } = ordinal;

    /// <summary>The turn's request at the Motion Server.</summary>
    public string RequestId { get; } = requestId;

    public PlaybackClock Clock { get; } = new(sampleRate, timeProvider);

    public UnheardMedia Unheard { get; } = new();

    public long CreatedAt { get; } = timeProvider.GetTimestamp();

    public TurnState State { get; set; } = TurnState.Waiting;

    public TurnOutcome Outcome { get; set; }

    /// <summary>The caller's bytes, in order of their way: received, taken by the Motion Server's connection, released or discarded.</summary>
    public long ReceivedBytes { get; private set; }

    public long SentBytes { get; set; }

    public long ReleasedBytes { get; private set; }

    public long DiscardedBytes { get; private set; }

    /// <summary>Bytes that the caller has been told are handled.</summary>
    public long AcknowledgedBytes { get; set; }

    /// <summary>The caller has sent all of the turn's speech.</summary>
    public bool IsAudioComplete { get; set; }

    /// <summary>The Motion Server has been told that the turn's speech is complete.</summary>
    public bool IsEndSent { get; set; }

    /// <summary>The last audio was marked as such, or the mark waits for its release.</summary>
    public bool IsLastAudioMarked { get; private set; }

    public long Samples { get; private set; }

    public long Keyframes { get; private set; }

    public MotionProgress Motion { get; set; }

    /// <summary>With lost motion: why.</summary>
    public ErrorReason MotionError { get; set; }

    /// <summary>Times in <see cref="TimeProvider"/> timestamps; null before.</summary>
    public long? FirstMotionAt { get; private set; }

    public long? ReleasedAt { get; set; }

    /// <summary>When audio was last received.</summary>
    public long ReceivedAt { get; private set; } = timeProvider.GetTimestamp();

    public long FirstSequence { get; set; }

    public long LastSequence { get; set; }

    /// <summary>How far the slowest viewer's playback is behind the clock, in samples.</summary>
    public long ViewerLag { get; set; }

    /// <summary>Samples heard when the turn ended.</summary>
    public long PlayedSamples { get; set; }

    public bool HasStagedMotion { get; private set; }

    public bool IsAllReleased => IsLastAudioMarked && _staged.Count == 0 && Motion != MotionProgress.Pending;

    public bool HasStaged => _staged.Count > 0;

    public StagedMedia NextStaged => _staged.Peek();

    /// <summary>Bytes that count against the credit.</summary>
    public long UnacknowledgedBytes => ReceivedBytes - AcknowledgedBytes;

    /// <summary>Bytes that are handled: in the log and with the Motion Server, where that still works, or discarded.</summary>
    public long HandledBytes => State == TurnState.Ended
        ? ReceivedBytes
        : Motion == MotionProgress.Lost ? ReleasedBytes : Math.Min(ReleasedBytes, SentBytes);

    /// <summary>Fills <paramref name="head"/>, of four bytes, with what begins the turn's audio once the data is added.</summary>
    public ReadOnlySpan<byte> PeekHead(ReadOnlySpan<byte> data, Span<byte> head)
    {
        int known = (int)Math.Min(ReceivedBytes, head.Length);
        _head.AsSpan(0, known).CopyTo(head);
        int added = Math.Min(head.Length - known, data.Length);
        data[..added].CopyTo(head[known..]);
        return head[..(known + added)];
    }

    /// <summary>Takes the caller's bytes; an odd one is carried over to the next.</summary>
    /// <returns>Whole samples.</returns>
    public ReadOnlyMemory<byte> Accept(ReadOnlyMemory<byte> data)
    {
        if (ReceivedBytes < _head.Length)
        {
            PeekHead(data.Span, _head);
        }

        ReceivedBytes += data.Length;
        ReceivedAt = timeProvider.GetTimestamp();
        if (_hasCarry && !data.IsEmpty)
        {
            var joined = new byte[data.Length + 1];
            joined[0] = _carry;
            data.Span.CopyTo(joined.AsSpan(1));
            data = joined;
            _hasCarry = false;
        }

        if (data.Length % 2 == 1)
        {
            _carry = data.Span[^1];
            _hasCarry = true;
            data = data[..^1];
        }

        return data;
    }

    /// <summary>Takes the caller's bytes of a turn that has ended, and forgets them.</summary>
    public void Discard(int bytes)
    {
        ReceivedBytes += bytes;
        DiscardedBytes += bytes;
    }

    public void StageAudio(ReadOnlyMemory<byte> samples, bool isLast)
    {
        int count = samples.Length / sizeof(short);
        _staged.Enqueue(new StagedMedia(false, Samples, count, isLast, samples));
        Samples += count;
        IsLastAudioMarked |= isLast;
    }

    public void StageMotion(ReadOnlyMemory<byte> envelope, int keyframes, bool isLast)
    {
        FirstMotionAt ??= timeProvider.GetTimestamp();
        HasStagedMotion = true;
        _staged.Enqueue(new StagedMedia(true, Keyframes, keyframes, isLast, envelope));
        Keyframes += keyframes;
    }

    public StagedMedia TakeStaged()
    {
        var media = _staged.Dequeue();
        if (!media.IsMotion)
        {
            // A carried byte is released with the sample that it belongs to.
            ReleasedBytes += media.Bytes.Length;
            Clock.Release(media.Count);
        }

        return media;
    }

    /// <summary>Ends the turn and throws away what waits.</summary>
    public void End(TurnOutcome outcome)
    {
        PlayedSamples = Clock.Heard;
        State = TurnState.Ended;
        Outcome = outcome;
        DiscardedBytes += ReceivedBytes - ReleasedBytes - DiscardedBytes;
        _staged.Clear();
    }

    /// <summary>The turn's place in the log.</summary>
    public SequenceSpan? Sequences => FirstSequence == 0 ? null : new SequenceSpan(FirstSequence, LastSequence);
}
