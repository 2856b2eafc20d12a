using System.Collections.Concurrent;
using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay.Tests;

/// <summary>A session of the fake gateway, whose log a test writes entry by entry.</summary>
internal sealed class FakeSession
{
    private readonly Dictionary<string, long> _samples = [];
    private readonly Dictionary<string, long> _firsts = [];

    public FakeSession(string id, uint epoch = 1, long after = 0)
    {
        Id = id;
        Log = new SessionLog(new LogPosition(epoch, after), new SessionLogOptions(), TimeProvider.System);
    }

    public string Id { get; }

    public SessionLog Log { get; }

    /// <summary>Subscriptions so far.</summary>
    public ConcurrentQueue<StartFeed> Subscriptions { get; } = [];

    /// <summary>Subscriptions at present.</summary>
    public int Open;

    /// <summary>What viewers sent.</summary>
    public ConcurrentQueue<ViewerEvent> Events { get; } = [];

    public long Start(string turnId) => _firsts[turnId] = Append(new Payload { TurnId = turnId, TurnStarted = new TurnStarted { SampleRate = 16000 } });

    public long Audio(string turnId, int bytes = 3200)
    {
        long first = _samples.GetValueOrDefault(turnId);
        _samples[turnId] = first + (bytes / 2);
        var next = new LogPosition(Log.Epoch, Log.End.Sequence + 1);
        byte[] pcm = new byte[bytes];
        new Random((int)next.Sequence).NextBytes(pcm);
        return Log.Append(PayloadEncoder.EncodeAudio(next, turnId, first, last: false, pcm)).Sequence;
    }

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
    public long Interrupt(string turnId) => Append(new Payload
    {
        TurnId = turnId,
        TurnEnded = new TurnEnded
        {
            Outcome = TurnOutcome.Interrupted,
            Discarded = new SequenceRange { From = _firsts[turnId] + 1, Through = Log.End.Sequence },
        },
    });

    public long Say(string text) => Append(new Payload { ViewerMessage = new ViewerMessage { Kind = "test", Text = text } });

    public long Close() => Append(new Payload { SessionEnded = new SessionEnded { Reason = "test" } });

    private long Append(Payload payload)
    {
        payload.Epoch = Log.Epoch;
        payload.Sequence = Log.End.Sequence + 1;
        return Log.Append(PayloadEncoder.Encode(payload)).Sequence;
    }
}
