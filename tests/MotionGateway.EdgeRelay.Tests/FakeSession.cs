using System.Collections.Concurrent;
using MotionGateway.Feeds;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay.Tests;

/// <summary>A session of the fake gateway, whose log a test writes entry by entry.</summary>
internal sealed class FakeSession
{
    private readonly Dictionary<string, long> _samples = [];
    private readonly Dictionary<string, long> _firsts = [];

    public FakeSession(string id, uint epoch = 1, long after = 0, long maxBytes = 16 * 1024 * 1024)
    {
        Id = id;
        Log = new SessionLog(new LogPosition(epoch, after), new SessionLogOptions { MaxBytes = maxBytes }, TimeProvider.System);
    }

    public string Id { get; }

    public SessionLog Log { get; }

    /// <summary>Subscriptions so far.</summary>
    public ConcurrentQueue<StartFeed> Subscriptions { get; } = [];

    /// <summary>The connections that they came by.</summary>
    public ConcurrentQueue<string> Connections { get; } = [];

    /// <summary>The sequences that relays acknowledged.</summary>
    public ConcurrentQueue<long> Acknowledged { get; } = [];

    /// <summary>Completes when a relay has acknowledged all of a session that has ended.</summary>
    public TaskCompletionSource EndAcknowledged { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether feeds stay open until then, as those of a gateway that shuts down.</summary>
    public volatile bool IsHeldAtEnd;

    /// <summary>What the gateway answers each subscription with; null: it serves it.</summary>
    public Failure? Fault { get; set; }

    /// <summary>Subscriptions at present.</summary>
    public int Open;

    /// <summary>Whether a reader that waits for room is at once spared what its policy says.</summary>
    public volatile bool SparesReaders;

    /// <summary>Samples heard of the turn that plays, for readers that start now.</summary>
    public long HeardSamples { get; set; }

    /// <summary>What viewers sent.</summary>
    public ConcurrentQueue<ViewerEvent> Events { get; } = [];

    public long Start(string turnId, int sampleRate = 16000) =>
        _firsts[turnId] = Append(new Payload { TurnId = turnId, TurnStarted = new TurnStarted { SampleRate = sampleRate } });

    public long Audio(string turnId, int bytes = 3200)
    {
        byte[] pcm = new byte[bytes];
        new Random((int)Next.Sequence).NextBytes(pcm);
        return Audio(turnId, pcm, last: false);
    }

    public long Audio(string turnId, ReadOnlySpan<byte> pcm, bool last)
    {
        long first = _samples.GetValueOrDefault(turnId);
        _samples[turnId] = first + (pcm.Length / 2);
        return Log.Append(PayloadEncoder.EncodeAudio(Next, turnId, first, pcm.Length / 2, last, pcm)).Sequence;
    }

    /// <summary>Motion, whose envelope is bytes of no meaning that no other has.</summary>
    public long Motion(string turnId, long firstKeyframe, int keyframeCount, bool last = false, int bytes = 300)
    {
        byte[] envelope = new byte[bytes];
        new Random((int)Next.Sequence).NextBytes(envelope);
        return Log.Append(PayloadEncoder.EncodeMotion(Next, turnId, firstKeyframe, keyframeCount, last, envelope)).Sequence;
    }

    public long Seal(string turnId) =>
        Append(new Payload { TurnId = turnId, TurnSealed = new TurnSealed { SampleCount = _samples.GetValueOrDefault(turnId) } });

    public long Tell(string kind, string text) => Append(new Payload { ViewerMessage = new ViewerMessage { Kind = kind, Text = text } });

    public long Motion(string turnId, int bytes = 3200) =>
        Motion(turnId, _samples.GetValueOrDefault(turnId) / 640, 3, last: false, bytes);

    public void Audios(string turnId, int count, int bytes = 3200)
    {
        for (int i = 0; i < count; i++)
        {
            Audio(turnId, bytes);
        }
    }

    public long End(string turnId) =>
        Append(new Payload { TurnId = turnId, TurnEnded = new TurnEnded { Outcome = TurnOutcome.Completed } });

    /// <summary>Interrupts a turn from its first media on.</summary>
    public long Interrupt(string turnId, string reason = "") => Append(new Payload
    {
        TurnId = turnId,
        TurnEnded = new TurnEnded
        {
            Outcome = TurnOutcome.Interrupted,
            Reason = reason,
            Discarded = new SequenceRange { From = _firsts[turnId] + 1, Through = Log.End.Sequence },
        },
    });

    public long Say(string text) => Tell("test", text);

    public long Close() => Append(new Payload { SessionEnded = new SessionEnded { Reason = "test" } });

    private LogPosition Next => new(Log.Epoch, Log.End.Sequence + 1);

    private long Append(Payload payload)
    {
        payload.Epoch = Log.Epoch;
        payload.Sequence = Log.End.Sequence + 1;
        return Log.Append(PayloadEncoder.Encode(payload)).Sequence;
    }
}
