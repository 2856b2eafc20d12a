using System.Diagnostics;
using MotionGateway.Chaos.Tests.Checking;
using MotionGateway.Chaos.Tests.Reading;
using MotionGateway.Chaos.Tests.Speaking;
using MotionGateway.Chaos.Tests.World;
using MotionGateway.LocalMotion.Faults;
using MotionGateway.V1;

namespace MotionGateway.Chaos.Tests.Recovery;

/// <summary>One fault that strikes once in the middle of a turn, with a reader that listens.</summary>
internal sealed class FaultRun(ChaosWorld world, Fault fault)
{
    private const int SampleRate = 16_000;
    private const string LossOfConnection = "fault-reset@motion";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan TurnLength = TimeSpan.FromSeconds(1.6);

    private static readonly TimeSpan LongTurnLength = TimeSpan.FromSeconds(4);

    private readonly Promises _promises = new();
    private readonly Dictionary<string, Playback> _playbacks = [];
    private readonly string _avatar = $"avatar-of-{Guid.NewGuid():N}";

    /// <summary>A fault of a connection that is not yet confirmed, or at once when it is, strikes the one that takes the place of a lost one.</summary>
    private bool IsOfReplacement => fault.Point <= FaultPoint.Any;

    public async Task<FaultResult> RunAsync()
    {
        // The one that is armed first strikes first.
        var faults = world.MotionServer.Server.Faults;
        faults.Arm(IsOfReplacement ? LossOfConnection : fault.Name, _avatar, count: 1);
        if (IsOfReplacement && fault.Point != FaultPoint.Token)
        {
            faults.Arm(fault.Name, _avatar, count: 1);
        }

        var script = CreateScript();
        var view = new SessionView(_promises);
        using var speaker = new ChaosSpeaker(new Uri($"http://{world.Speaking.Address}"), script, _promises, view) { WaitsToSpeak = true };
        using var limit = new CancellationTokenSource(Patience);
        var speaking = speaker.RunAsync(limit.Token);
        await Task.WhenAny(speaker.Opened, speaking);
        var opened = await speaker.Opened.WaitAsync(limit.Token);
        if (fault.Point == FaultPoint.Token)
        {
            faults.Arm(fault.Name, count: 1);
        }

        using var reader = new ChaosReader(
            () => new GrpcFeed(new Uri($"http://{world.Reading.Address}")), opened.SessionId, "",
            new StartFeed { Position = new Position { Epoch = opened.Position.Epoch } }, _promises, fault.Name, view, seed: 1)
        { Seen = Play };
        var reading = reader.RunAsync(limit.Token);
        long began = Stopwatch.GetTimestamp();
        speaker.MaySpeak();
        await Task.WhenAll(speaking, reading);
        return Conclude(script, speaker, view, began, limit.IsCancellationRequested);
    }

    private SessionScript CreateScript()
    {
        var random = new Random(1);
        bool isOfTwo = fault.Point == FaultPoint.TwoRequests;

        // Motion of the first of two comes at the pace of speech: it has not all come when the second begins.
        int Samples(int number) => (int)((isOfTwo && number == 1 ? LongTurnLength : TurnLength).TotalSeconds * SampleRate);
        var turns = Enumerable.Range(1, isOfTwo ? 2 : 1).Select(number => new SpokenTurn(new TurnPlan
        {
            Name = $"turn-{number}",
            Speech = SpeechSound.Create(random, SampleRate, Samples(number)),
            ChunkBytes = 3200,
            Pace = 0,
            EndsWithLastChunk = true,
            IsQueued = true,
        }));
        return new SessionScript
        {
            AvatarId = _avatar,
            SampleRate = SampleRate,
            Delivery = new Delivery
            {
                MaxMotionWaitMs = (int)(fault.Outcome.Session == SessionOutcome.Recovered ? FaultWorld.MotionWait : FaultWorld.ShortMotionWait).TotalMilliseconds,
            },
            Turns = [.. turns],
            Ending = SessionEnding.Close,
        };
    }

    private void Play(Payload payload)
    {
        if (payload.Audio is { } audio)
        {
            if (!_playbacks.TryGetValue(payload.TurnId, out var playback))
            {
                _playbacks.Add(payload.TurnId, playback = new Playback(SampleRate));
            }

            playback.Take(audio, Stopwatch.GetTimestamp());
        }
    }

    private FaultResult Conclude(SessionScript script, ChaosSpeaker speaker, SessionView view, long began, bool isImpatient)
    {
        _promises.Require(!isImpatient, fault.Name, () => $"did not end in time: {string.Join("; ", speaker.Turns)}");
        var check = new SessionCheck(_promises, fault.Name, view, script.Turns, world.Record.Of(_avatar))
        {
            SampleRate = SampleRate,
            TurnRelease = TurnRelease.Unspecified,
            Faults = [fault.Name],
        };
        if (!isImpatient)
        {
            check.Run();
            new SpeakerCheck(_promises, fault.Name, speaker, script, check).Run();
        }

        // The wait before a turn counts for the first only: a further one waits for those before it.
        var first = _playbacks.GetValueOrDefault(script.Turns[0].Id);
        var wait = first is null ? TimeSpan.MaxValue : Stopwatch.GetElapsedTime(began, first.Start) + first.Pause;
        world.Record.Forget(_avatar);
        var faults = world.MotionServer.Server.Faults;
        var unused = faults.Armed.Where(armed => armed.AvatarId == _avatar || (fault.Point == FaultPoint.Token && armed.Fault == fault)).ToList();
        unused.ForEach(armed => faults.Disarm(armed.Id));
        return new FaultResult
        {
            Ends = [.. script.Turns.Select(turn => check.Ends.GetValueOrDefault(turn.Id)).OfType<TurnEnded>()],
            Reports = [.. script.Turns.Select(turn => turn.Report).OfType<TurnReport>()],
            Failures = speaker.Failures,
            Pause = _playbacks.Values.Select(playback => playback.Pause).Append(wait).Max(),
            Broken = _promises.ToString(),
            Unused = unused.Count,
        };
    }
}
