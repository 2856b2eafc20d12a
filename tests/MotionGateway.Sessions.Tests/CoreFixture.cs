using Microsoft.Extensions.Time.Testing;
using MotionGateway.Feeds;
using MotionGateway.MotionServer;
using MotionGateway.Sessions.Tests.Simulation;
using MotionGateway.V1;

namespace MotionGateway.Sessions.Tests;

/// <summary>
/// The state machine of a session at 8000 Hz, and a Motion Server that a test plays by hand: a millisecond is 8 samples or 16 bytes, a
/// keyframe 40 ms.
/// </summary>
internal sealed class CoreFixture : ISessionEffects
{
    private readonly LogReader _reader;
    private readonly Dictionary<MotionRequest, int> _moved = [];
    private readonly Dictionary<string, byte[]> _speech = [];
    private long _ledgerPosition;
    private int _legs;

    public CoreFixture(
        SessionSettings? settings = null, SessionLimits? limits = null, Func<long>? credit = null, FakeTimeProvider? time = null)
    {
        Time = time ?? new FakeTimeProvider();
        Settings = settings ?? AtOnce;
        Limits = limits ?? new SessionLimits();
        Log = new SessionLog(new LogPosition(3, 0), Limits.Log, Time);
        Core = new SessionCore(Settings, Limits, Log, this, credit ?? (() => 1_920_000), Time);
        _reader = Log.OpenReader(new LogPosition(3, 0), int.MaxValue, new AsyncSignal());
        Leg = NewLeg();
    }

    /// <summary>Audio that waits for no motion, where a test is not about that.</summary>
    public static SessionSettings AtOnce { get; } = new() { AvatarId = "avatar", SampleRate = 8000, AudioRelease = AudioRelease.AtOnce };

    public static SessionSettings Paced { get; } = AtOnce with { AudioRelease = AudioRelease.Paced };

    public FakeTimeProvider Time { get; }

    public SessionSettings Settings { get; }

    public SessionLimits Limits { get; }

    public SessionLog Log { get; }

    public SessionCore Core { get; }

    /// <summary>The connection that requests are made on; null: there is none.</summary>
    public MotionLeg? Leg { get; set; }

    public List<string> Begun { get; } = [];

    public List<SpeechTurn> Ended { get; } = [];

    public List<string> MissingSignals { get; } = [];

    public (ErrorReason Error, string Reason)? Closed { get; private set; }

    /// <summary>Each request that was made, in order.</summary>
    public List<MotionRequest> Requests { get; } = [];

    /// <summary>The time since the beginning.</summary>
    public double NowMs { get; private set; }

    public void TurnBegan(SpeechTurn turn) => Begun.Add(turn.Id);

    public void TurnEnded(SpeechTurn turn, SequenceSpan? discarded) => Ended.Add(turn);

    public void SignalMissing(SpeechTurn turn) => MissingSignals.Add(turn.Id);

    public void SessionEnded(ErrorReason error, string reason) => Closed = (error, reason);

    public MotionLeg NewLeg(bool hasPlaybackControl = true)
    {
        var connection = new SimulatedLeg(new SimulatedMotionServer(new SimulatedWorld()), $"leg-{_legs++}", new LegPlan(), 640)
        {
            Capabilities = Core.IsPublishing && hasPlaybackControl ? [MotionCapabilities.PlaybackControl] : [],
        };
        return new MotionLeg(connection, Time.GetTimestamp()) { HasEgress = Core.IsPublishing };
    }

    public SpeechTurn Turn(string id) => Core.Turns.Find(id)!;

    /// <summary>Speech of a turn: the same bytes for each call, never the same twice within a turn.</summary>
    public static byte[] Speech(string turn, int bytes)
    {
        byte[] speech = new byte[bytes];
        new Random(turn.Aggregate(7, (seed, c) => (seed * 31) + c)).NextBytes(speech);
        return speech;
    }

    // The same, made once.
    private ReadOnlySpan<byte> Known(string turn, int from, int bytes)
    {
        if (!_speech.TryGetValue(turn, out byte[]? speech) || speech.Length < from + bytes)
        {
            _speech[turn] = speech = Speech(turn, Math.Max(2 * (from + bytes), 65_536));
        }

        return speech.AsSpan(from, bytes);
    }

    /// <summary>Takes so many milliseconds of a turn's speech.</summary>
    public void Say(string turn, int milliseconds, bool end = false) => SayBytes(turn, 16 * milliseconds, end);

    public void SayBytes(string turn, int bytes, bool end = false)
    {
        long before = Turn(turn)?.ReceivedBytes ?? 0;
        Core.WriteAudio(turn, Known(turn, (int)before, bytes), end);
    }

    /// <summary>Sends what is to be sent, as a session's supply does.</summary>
    public void Send(int mostSamples = 8000)
    {
        while (Leg is not null && Core.Demand.NextToSend(Leg) is { } request)
        {
            if (!Requests.Contains(request))
            {
                Requests.Add(request);
                request.Handle = Leg.Connection.StartRequest();
            }

            var speech = request.Turn.Speech.Kept.Read(request.SentThrough, Math.Min(mostSamples, Core.Demand.MaySendThrough(request) - request.SentThrough));
            request.IsEndSent |= speech.Length == 0;
            request.SentThrough += speech.Length / 2;
            if (speech.Length > 0)
            {
                Core.SpeechSent(request, request.SentThrough);
            }
        }
    }

    /// <summary>Motion of a turn's request comes: its next keyframes, as they are made from its speech.</summary>
    public void Move(string turn, int keyframes, bool end = false)
    {
        Send();
        Move(Turn(turn).Motion.Current ?? Requests.Last(request => request.Turn.Id == turn), keyframes, end);
    }

    public void Move(MotionRequest request, int keyframes, bool end = false)
    {
        int from = _moved.GetValueOrDefault(request);
        _moved[request] = from + keyframes;
        MoveAt(request, from, keyframes, end);
    }

    /// <summary>Leaves out keyframes of a request.</summary>
    public void Miss(MotionRequest request, int keyframes) => _moved[request] = _moved.GetValueOrDefault(request) + keyframes;

    public void MoveAt(MotionRequest request, int from, int keyframes, bool end = false, long salt = 0)
    {
        int start = (int)request.FirstSample * 2;
        var made = Enumerable.Range(from, keyframes).Select(i => Keyframes.Of(Known(request.Turn.Id, start + (i * 640), 640), salt));
        Receive(request, made, end, keyframes);
    }

    /// <summary>A message of a request comes, with the ids that the Motion Server gave it.</summary>
    public void Receive(MotionRequest request, IEnumerable<ulong> keyframes, bool end, int count)
    {
        var (leg, id) = (request.Leg.Connection.ConnectionId, request.Handle?.Id ?? "request");
        byte[] envelope = Keyframes.Encode(leg, id, end, keyframes);
        Core.Motion.Receive(request, new MotionMessage(leg, id, null, end, count, envelope));
        Core.Advance();
    }

    /// <summary>Takes a whole turn, with all its motion.</summary>
    public void SayWhole(string turn, int milliseconds)
    {
        Say(turn, milliseconds, end: true);
        Move(turn, Math.Max(1, milliseconds / 40), end: true);
    }

    /// <summary>The Motion Server tells of the playback of the latest request, or of another.</summary>
    public void Report(MotionServer.PlaybackState state, double playedMs = 0, string reason = "", MotionRequest? of = null)
    {
        var request = of ?? Requests[^1];
        Core.Published.Report(request.Leg, new PlaybackUpdate
        {
            RequestId = request.Handle!.Id,
            State = state,
            Played = TimeSpan.FromMilliseconds(playedMs),
            Reason = reason,
        });
        Core.Advance();
    }

    /// <summary>The leg ends.</summary>
    public List<SpeechTurn> LoseLeg(ErrorReason reason = ErrorReason.MotionServerConnectionClosed, bool isForGood = false)
    {
        var lost = Leg!;
        lost.IsLost = true;
        Leg = null;
        var missing = Core.LoseLeg(lost, reason, isForGood);
        Core.Advance();
        return missing;
    }

    public static ErrorReason Refusal(Action command) => Assert.Throws<GatewayException>(command).Reason;

    public InterruptResult Interrupt(
        string turn = "", InterruptScope scope = InterruptScope.Unspecified, LogPosition? seen = null, bool isSpeakers = true) =>
        Core.Interrupt(turn, scope, "stop", seen, isSpeakers);

    /// <summary>Lets time pass as a host does: the session is told when it has said that something is due.</summary>
    public void Pass(double milliseconds)
    {
        NowMs += milliseconds;
        var left = TimeSpan.FromMilliseconds(milliseconds);
        while (Core.NextDue() is { } due && due <= left)
        {
            Time.Advance(due);
            left -= due;
            Core.Advance();
            Assert.NotEqual(TimeSpan.Zero, Core.NextDue());
        }

        Time.Advance(left);
    }

    /// <summary>The payloads since the last call.</summary>
    public List<Payload> Payloads()
    {
        List<Payload> payloads = [];
        while (_reader.TryRead(out var entry))
        {
            payloads.Add(SubscribeResponse.Parser.ParseFrom(entry.Encoded.Span).Payload);
        }

        return payloads;
    }

    /// <summary>The payloads since the last call, in short; times in milliseconds.</summary>
    public string Shown() => string.Join("; ", Payloads().Select(Describe));

    /// <summary>What the speaker was told since the last call, in short.</summary>
    public string Told() => string.Join("; ", ToldEach());

    /// <summary>The same, one by one.</summary>
    public List<string> ToldEach()
    {
        List<string> told = [];
        while (Core.Ledger.TryRead(_ledgerPosition, out var response))
        {
            Assert.True(response.LedgerPosition > _ledgerPosition);
            _ledgerPosition = response.LedgerPosition;
            told.Add(response.AudioAcknowledged is { } ack ? $"{ack.TurnId} {ack.Bytes}-{ack.DiscardedBytes}" : $"{response.ResponseCase}");
        }

        return told;
    }

    private static string Describe(Payload payload) => payload.ContentCase switch
    {
        Payload.ContentOneofCase.TurnStarted => $"{payload.TurnId} start",
        Payload.ContentOneofCase.Audio => $"{payload.TurnId} audio {payload.Audio.FirstSample / 8.0:0.#}+{payload.Audio.SampleCount / 8.0:0.#}{Mark(payload.Audio.Last)}",
        Payload.ContentOneofCase.Motion => $"{payload.TurnId} motion {payload.Motion.FirstKeyframe}+{payload.Motion.KeyframeCount}{Mark(payload.Motion.Last)}",
        Payload.ContentOneofCase.TurnSealed => $"{payload.TurnId} seal",
        Payload.ContentOneofCase.TurnEnded => $"{payload.TurnId} {payload.TurnEnded.Outcome}{Because(payload.TurnEnded.Error)} at {payload.TurnEnded.PlayedSamples / 8.0:0.#}",
        Payload.ContentOneofCase.PlaybackChanged => $"{payload.TurnId} {(payload.PlaybackChanged.Paused ? "pause" : "resume")}",
        _ => $"{payload.ContentCase}",
    };

    private static string Because(ErrorReason error) => error == ErrorReason.Unspecified ? "" : $" {error}";

    private static string Mark(bool last) => last ? " last" : "";
}
