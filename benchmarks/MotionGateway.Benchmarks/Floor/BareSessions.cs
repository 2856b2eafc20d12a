using System.Collections.Concurrent;
using System.Globalization;
using System.Threading.Channels;
using MotionGateway.V1;

namespace MotionGateway.Benchmarks;

/// <summary>The bare gateway's sessions, by their ids.</summary>
internal sealed class BareSessions
{
    private readonly ConcurrentDictionary<string, BareSession> _sessions = new();
    private int _last;

    public BareSession this[string id] => _sessions[id];

    public BareSession Create()
    {
        var session = new BareSession(Interlocked.Increment(ref _last).ToString(CultureInfo.InvariantCulture));
        _sessions[session.Id] = session;
        return session;
    }
}

/// <summary>A queue between a session's speaker and Motion Server on one side, and its one feed on the other.</summary>
internal sealed class BareSession(string id)
{
    // Who writes goes on as the feed's writer where that waits: no thread is woken for it.
    private readonly Channel<SubscribeResponse> _feed =
        Channel.CreateUnbounded<SubscribeResponse>(new() { SingleReader = true, AllowSynchronousContinuations = true });

    private long _sequence;
    private long _samples;

    public string Id => id;

    public IAsyncEnumerable<SubscribeResponse> Feed => _feed.Reader.ReadAllAsync();

    /// <summary>One call at a time.</summary>
    public void Send(AudioChunk chunk)
    {
        int samples = chunk.Data.Length / sizeof(short);
        Send(new Payload
        {
            TurnId = chunk.TurnId,
            Audio = new Audio { FirstSample = _samples, SampleCount = samples, Last = chunk.EndTurn, Data = chunk.Data },
        });
        _samples += samples;
    }

    /// <summary>Sends motion, whose envelope nobody looks into.</summary>
    public void Send(Motion motion) => Send(new Payload { Motion = motion });

    public void End() => _feed.Writer.TryComplete();

    // Speech and motion come by two loops: what counts is that each has a number.
    private void Send(Payload payload)
    {
        (payload.Epoch, payload.Sequence) = (1, Interlocked.Increment(ref _sequence));
        _feed.Writer.TryWrite(new SubscribeResponse { Payload = payload });
    }
}
