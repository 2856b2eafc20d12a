using MotionGateway.V1;

namespace MotionGateway.Sessions.Tests.Checker;

internal enum ReferenceMotion
{
    Pending,
    Whole,
    Lost,
}

/// <summary>What the checker knows of a turn: from the commands that it gave, and from the log.</summary>
internal sealed class ReferenceTurn(string id, string requestId, int sampleRate, TimeSpan now)
{
    private byte[] _audio = new byte[1024];

    public string Id { get; } = id;

    public string RequestId { get; } = requestId;

    public ReferenceClock Clock { get; } = new(sampleRate);

    // From the commands.
    public TimeSpan CreatedAt { get; } = now;

    public TimeSpan AudioAt { get; set; } = now;

    public int AcceptedBytes { get; private set; }

    public long LateBytes { get; set; }

    public bool IsAudioComplete { get; set; }

    public int AudioHandedOver { get; set; }

    public long SentBytes { get; set; }

    public ReferenceMotion Motion { get; set; }

    public ErrorReason MotionError { get; set; }

    public bool HasHadMotion { get; set; }

    public long AcceptedKeyframes { get; set; }

    public Queue<(byte[] Envelope, int Keyframes, bool Last)> WaitingMotion { get; } = new();

    public long Lag { get; set; }

    // From the log.
    public long StartedAt { get; set; }

    public bool IsStarted => StartedAt > 0;

    public bool IsSealed { get; set; }

    public bool IsEnded { get; set; }

    public TurnOutcome Outcome { get; set; }

    public long PlayedSamples { get; set; }

    public long LoggedSamples { get; set; }

    public long LoggedKeyframes { get; set; }

    public bool IsLastAudioLogged { get; set; }

    public bool IsLastMotionLogged { get; set; }

    public List<(long Sequence, long EndSample, bool IsAudio)> Media { get; } = [];

    // From the effects.
    public long AcknowledgedBytes { get; set; }

    public int Reports { get; set; }

    public int Ends { get; set; }

    public bool IsServerCausal { get; set; } = true;

    public long WholeSamples => AcceptedBytes / 2;

    public long ReceivedBytes => AcceptedBytes + LateBytes;

    public bool HasWaitingAudio => LoggedSamples < WholeSamples || (IsAudioComplete && !IsLastAudioLogged);

    public bool HasWaiting => HasWaitingAudio || WaitingMotion.Count > 0;

    public long HandledBytes
    {
        get
        {
            long released = LoggedSamples * 2;
            return IsEnded ? ReceivedBytes : Motion == ReferenceMotion.Lost ? released : Math.Min(released, SentBytes);
        }
    }

    /// <summary>Bytes that never came into the log.</summary>
    public long DiscardedBytes => IsEnded ? ReceivedBytes - (LoggedSamples * 2) : 0;

    public void Accept(ReadOnlySpan<byte> data)
    {
        if (AcceptedBytes + data.Length > _audio.Length)
        {
            Array.Resize(ref _audio, Math.Max(_audio.Length * 2, AcceptedBytes + data.Length));
        }

        data.CopyTo(_audio.AsSpan(AcceptedBytes));
        AcceptedBytes += data.Length;
    }

    public ReadOnlySpan<byte> Audio(long from, long count) => _audio.AsSpan((int)from, (int)count);

    /// <summary>The sequences from the first to the last payload that was not heard whole.</summary>
    public (long From, long Through)? FindUnheard()
    {
        long heard = Clock.Heard;
        int first = Media.FindIndex(media => media.EndSample > heard);
        int last = Media.FindLastIndex(media => media.EndSample > heard);
        return first < 0 ? null : (Media[first].Sequence, Media[last].Sequence);
    }
}
