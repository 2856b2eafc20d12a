using Microsoft.Extensions.Logging.Abstractions;
using MotionGateway.Feeds;
using MotionGateway.Sessions.Tests.Checker;
using MotionGateway.Sessions.Tests.Simulation;
using MotionGateway.V1;

namespace MotionGateway.Sessions.Tests.Release;

/// <summary>
/// Whatever the lead and however speech comes, motion reaches a reader half the lead before it is due, or as soon as it is there. By a
/// reader's clock, a player's, and the Motion Server's; on a fake clock, so that no load of the machine counts.
/// </summary>
public sealed class MotionInTimeTests
{
    private const int SampleRate = 16_000;
    private const int SamplesPerKeyframe = SampleRate / 25;

    private static readonly TimeSpan Length = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Chunk = TimeSpan.FromMilliseconds(60);
    private static readonly TimeSpan Allowance = TimeSpan.FromMilliseconds(50);

    private readonly SimulatedWorld _world = new();
    private readonly Listener _listener = new(SampleRate);
    private readonly List<(TimeSpan At, TimeSpan Arrived, long FirstKeyframe)> _motion = [];
    private readonly Dictionary<long, TimeSpan> _heardAt = [];
    private long _keyframes;
    private bool _isOver;

    public static TheoryData<int, double, bool, AudioRelease> Cases
    {
        get
        {
            var cases = new TheoryData<int, double, bool, AudioRelease>();
            foreach (int lead in new[] { 250, 500, 2000, 10_000 })
            {
                foreach (double pace in new[] { 0, 10, 1.0 })
                {
                    cases.Add(lead, pace, false, AudioRelease.Paced);
                    cases.Add(lead, pace, true, AudioRelease.Paced);
                    cases.Add(lead, pace, false, AudioRelease.AtOnce);
                    cases.Add(lead, pace, true, AudioRelease.AtOnce);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Motion_AnyLeadAndPace_ComesHalfTheLeadBeforeItIsDueOrAtOnce(int lead, double pace, bool isInLongSegments, AudioRelease release)
    {
        var server = new SimulatedMotionServer(_world)
        {
            PlanRequest = _ => new RequestPlan { Segments = isInLongSegments ? (50, 100) : (10, 10), Latency = TimeSpan.FromMilliseconds(120) },
        };
        byte[] speech = CoreFixture.Speech("a", (int)(Length.TotalSeconds * SampleRate) * sizeof(short));
        Speak(server, speech, new SessionSettings
        {
            AvatarId = "avatar",
            SampleRate = SampleRate,
            MaxLead = TimeSpan.FromMilliseconds(lead),
            AudioRelease = release,
        }, pace);

        Assert.Equal((long)(Length.TotalSeconds * 25), _keyframes);
        Assert.All(_motion, motion =>
        {
            var due = _heardAt[motion.FirstKeyframe] - (TimeSpan.FromMilliseconds(lead) / 2);

            // Paced, a turn begins when its motion suffices: nothing of it is shown before.
            var there = release == AudioRelease.Paced && motion.Arrived < _heardAt[0] ? _heardAt[0] : motion.Arrived;
            var latest = there + Allowance > due ? there + Allowance : due;
            Assert.True(
                motion.At <= latest, $"Keyframe {motion.FirstKeyframe} came at {motion.At}, was there at {motion.Arrived}, and is heard at {_heardAt[motion.FirstKeyframe]}.");
        });
    }

    private void Speak(SimulatedMotionServer server, byte[] speech, SessionSettings settings, double pace)
    {
        SessionHost? made = null;
        _world.Do(() => made = new SessionHost(
            new SessionHostOptions { Apps = [new SessionApp("", server)] }, new MemorySessionDirectory(), new MemorySessionLogStore(_world.Time), _world.Time, NullLogger<SessionHost>.Instance));
        var host = made!;
        var session = _world.Finish(() => host.OpenAsync(settings, CancellationToken.None));
        var lease = session.Attach(new DeafSpeaker());
        _world.Finish(() => host.ConnectAsync(session, CancellationToken.None));
        var reader = session.Log.OpenReader(new LogPosition(session.Log.Epoch, 0), int.MaxValue, new AsyncSignal(), countsAgainstLimit: false);
        _world.OnSettled = () => Read(reader, server);

        int chunk = pace == 0 ? speech.Length : (int)(Chunk.TotalSeconds * SampleRate) * sizeof(short);
        for (int from = 0; from < speech.Length; from += chunk)
        {
            int length = Math.Min(chunk, speech.Length - from);
            _world.Do(() => session.WriteAudio(lease, "a", speech.AsSpan(from, length), from + length == speech.Length));
            _world.Pass(pace == 0 ? TimeSpan.Zero : Chunk / pace);
        }

        Assert.True(_world.PassUntil(() => _isOver, Length * 2), "The turn does not end.");
        _world.OnSettled = null;
        _world.Finish(() => host.DisposeAsync().AsTask());
    }

    // A player hears a keyframe's first sample when all before it has been heard, waits included.
    private void Read(LogReader reader, SimulatedMotionServer server)
    {
        while (reader.TryRead(out var entry))
        {
            var payload = SubscribeResponse.Parser.ParseFrom(entry.Encoded.Span).Payload;
            if (payload.Audio is { SampleCount: > 0 } audio)
            {
                Hear(audio);
            }
            else if (payload.Motion is { } motion)
            {
                ulong first = Keyframes.Read(Keyframes.Decode(motion.Envelope)).First();
                var arrived = server.Requests.Where(request => request.Arrivals.ContainsKey(first)).Min(request => request.Arrivals[first]);
                _motion.Add((_world.Now, arrived, motion.FirstKeyframe));
                _keyframes += motion.KeyframeCount;
            }

            _isOver |= payload.TurnEnded is not null;
        }
    }

    private void Hear(Audio audio)
    {
        if (!_listener.HasBegun)
        {
            _listener.Begin(_world.Now);
        }

        var begins = _listener.HeardAllAt is { } all && all > _world.Now ? all : _world.Now;
        _listener.Release(_world.Now, audio.SampleCount, TimeSpan.Zero);
        for (long keyframe = (audio.FirstSample + SamplesPerKeyframe - 1) / SamplesPerKeyframe; keyframe * SamplesPerKeyframe < audio.FirstSample + audio.SampleCount; keyframe++)
        {
            _heardAt[keyframe] = begins + TimeSpan.FromSeconds((double)((keyframe * SamplesPerKeyframe) - audio.FirstSample) / SampleRate);
        }
    }

    private sealed class DeafSpeaker : ISpeaker
    {
        public void OnSuperseded()
        {
        }

        public void OnLedgerChanged()
        {
        }

        public void OnReadingResumed()
        {
        }

        public void OnViewerEvent(ViewerEvent viewerEvent)
        {
        }

        public void OnSessionEnded(ErrorReason error, string reason)
        {
        }
    }
}
