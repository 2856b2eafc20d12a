using MotionGateway.Feeds;
using MotionGateway.Sessions.Tests.Checker;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.Sessions.Tests;

/// <summary>A session at 8000 Hz: a millisecond is 8 samples or 16 bytes, a keyframe 320 samples.</summary>
internal sealed class CoreFixture
{
    private readonly SessionUnderTest _session;
    private readonly LogReader _reader;

    public CoreFixture(SessionSettings? settings = null, SessionLimits? limits = null)
    {
        _session = new SessionUnderTest(settings ?? Settings, limits ?? new SessionLimits(), Time);
        _reader = _session.Log.OpenReader(new LogPosition(3, 0), int.MaxValue, new AsyncSignal());
    }

    public static SessionSettings Settings { get; } = new() { AvatarId = "avatar", SampleRate = 8000 };

    public ManualTimeProvider Time { get; } = new();

    public SessionCore Core => _session.Core;

    public List<Effect> Effects => _session.Effects;

    public SpeechTurn Turn(string id) => Core.LatestTurns.Single(turn => turn.Id == id);

    /// <summary>Speech of so many milliseconds.</summary>
    public void Say(string turn, int milliseconds, bool end = false) => Core.WriteAudio(turn, new byte[16 * milliseconds], end);

    /// <summary>A turn that is whole in the log.</summary>
    public void SayWhole(string turn, int milliseconds)
    {
        Say(turn, milliseconds, end: true);
        Move(turn, Math.Max(1, milliseconds / 40), end: true);
    }

    public void Move(string turn, int keyframes, bool end = false) =>
        Core.MotionReceived(Turn(turn).RequestId, new byte[] { 1, 2, 3 }, keyframes, end);

    public void Sent(string turn, int bytes) => Core.AudioSent(Turn(turn), bytes);

    public ErrorReason Refusal(Action command)
    {
        int effects = Effects.Count;
        var (end, due, open) = (_session.Log.End, Core.NextDue(), Core.OpenTurn);
        var reason = Assert.Throws<GatewayException>(command).Reason;
        Assert.Equal((effects, end, due, open), (Effects.Count, _session.Log.End, Core.NextDue(), Core.OpenTurn));
        return reason;
    }

    /// <summary>Lets time pass as a host does: the session is told when it has said that something is due.</summary>
    public void Pass(int milliseconds)
    {
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

    /// <summary>The payloads since the last call, in short.</summary>
    public string Log()
    {
        List<string> payloads = [];
        while (_reader.TryRead(out var entry))
        {
            var response = SubscribeResponse.Parser.ParseFrom(entry.Encoded.Span);
            payloads.Add(response.Payload is { } payload ? Describe(payload) : $"skip {response.Skipped.Reason}");
        }

        return string.Join("; ", payloads);
    }

    private static string Describe(Payload payload) => payload.ContentCase switch
    {
        Payload.ContentOneofCase.TurnStarted => $"{payload.TurnId} start",
        Payload.ContentOneofCase.Audio => $"{payload.TurnId} audio {payload.Audio.FirstSample / 8}+{payload.Audio.SampleCount / 8}{Mark(payload.Audio.Last)}",
        Payload.ContentOneofCase.Motion => $"{payload.TurnId} motion {payload.Motion.FirstKeyframe}+{payload.Motion.KeyframeCount}{Mark(payload.Motion.Last)}",
        Payload.ContentOneofCase.TurnSealed => $"{payload.TurnId} seal",
        Payload.ContentOneofCase.TurnEnded => $"{payload.TurnId} {payload.TurnEnded.Outcome} at {payload.TurnEnded.PlayedSamples / 8}",
        Payload.ContentOneofCase.PlaybackChanged => $"{payload.TurnId} {(payload.PlaybackChanged.Paused ? "pause" : "resume")}",
        _ => $"{payload.ContentCase}",
    };

    private static string Mark(bool last) => last ? " last" : "";
}
