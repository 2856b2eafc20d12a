using Grpc.Core;
using MotionGateway.Chaos.Tests.Checking;
using MotionGateway.Chaos.Tests.Reading;
using MotionGateway.Chaos.Tests.Speaking;
using MotionGateway.V1;

namespace MotionGateway.Chaos.Tests.World;

/// <summary>One session from its opening to its check: its speaker, its readers, and what they do to each other.</summary>
internal sealed class SessionRun(ChaosWorld world, Promises promises, Statistics statistics, SessionScript script, int seed)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(75);

    private readonly Random _random = new(seed);
    private readonly SessionView _view = new(promises);
    private readonly List<string> _faults = [];
    private readonly List<ChaosReader> _readers = [];
    private string _sessionId = "";

    /// <summary>Whether others than the speaker interrupt, pause and report.</summary>
    public bool IsDisturbed { get; init; } = true;

    /// <summary>Whether the speaker's call meets the weather too.</summary>
    public bool IsSpeakerInTheOpen { get; init; } = true;

    public async Task RunAsync()
    {
        ArmFaults();
        string address = IsSpeakerInTheOpen ? world.Speaking.Address : new Uri($"http://{world.Control.Target}").Authority;
        using var speaker = new ChaosSpeaker(new Uri($"http://{address}"), script, promises, _view);
        // With a lead of a tick or two of the clock a busy machine plays slower than people would.
        using var limit = new CancellationTokenSource(Patience + (script.Length * (script.Delivery.MaxLeadMs is > 0 and < 100 ? 20 : 3)));
        var speaking = speaker.RunAsync(limit.Token);
        if (await OpenAsync(speaker, speaking) is { } opened)
        {
            StartReaders(opened);
            var reading = Task.WhenAll(_readers.Select(reader => reader.RunAsync(limit.Token)));
            using var disturbing = CancellationTokenSource.CreateLinkedTokenSource(limit.Token);
            var disturbance = IsDisturbed
                ? new Disturbance(world, speaker, _readers, opened.SessionId, _view, _random.Next()).RunAsync(disturbing.Token)
                : Task.CompletedTask;
            await speaking;
            await disturbing.CancelAsync();
            await disturbance;
            await reading;
            Check(speaker, opened, limit.IsCancellationRequested);
        }

        DisarmFaults();
        _readers.ForEach(reader => reader.Dispose());
        world.Record.Forget(script.AvatarId);
    }

    private void ArmFaults()
    {
        for (int i = _random.Next(4); i > 0; i--)
        {
            var fault = Faults.ChooseFault(_random);
            _faults.Add(fault.Name);
            world.MotionServer.Server.Faults.Arm(fault.Name, script.AvatarId, count: _random.Next(1, 3));
        }
    }

    // What has not struck never will, and so many can be armed at one time.
    private void DisarmFaults()
    {
        var faults = world.MotionServer.Server.Faults;
        foreach (var unused in faults.Armed.Where(armed => armed.AvatarId == script.AvatarId))
        {
            faults.Disarm(unused.Id);
        }
    }

    private async Task<SessionOpened?> OpenAsync(ChaosSpeaker speaker, Task speaking)
    {
        try
        {
            await Task.WhenAny(speaker.Opened, speaking);
            if (!speaker.Opened.IsCompleted)
            {
                promises.Break($"{script}", "was neither opened nor refused");
                return null;
            }

            return await speaker.Opened;
        }
        catch (RpcException fault)
        {
            statistics.Count($"not opened: {fault.StatusCode}");
            await speaking;
            return null;
        }
    }

    private void StartReaders(SessionOpened opened)
    {
        _sessionId = opened.SessionId;
        var reading = new Uri($"http://{world.Reading.Address}");
        Add(() => new GrpcFeed(reading), "first reader", new StartFeed { Position = new Position { Epoch = opened.Position.Epoch } }, "", isRestless: false);
        var start = new[] { FeedStart.CurrentTurn, FeedStart.Live, FeedStart.Now, FeedStart.Unspecified }[_random.Next(4)];
        Add(() => new GrpcFeed(reading), $"reader from {start}", new StartFeed { Start = start, ReaderId = "second" }, "", isRestless: true);
        if (world.Viewing is { } viewing)
        {
            var uri = new Uri($"ws://{viewing.Address}/v1/sessions/{opened.SessionId}/feed");
            Add(() => new RelayFeed(uri), "viewer", new StartFeed(), opened.ViewerToken, isRestless: _random.Next(2) == 0);
        }
    }

    private void Add(Func<IFeedTransport> connect, string name, StartFeed start, string token, bool isRestless) => _readers.Add(
        new ChaosReader(connect, _sessionId, token, start, promises, $"{script} {name}", _view, _random.Next())
        {
            IsRestless = isRestless,
            IsLazy = _random.Next(3) == 0,
        });

    private void Check(ChaosSpeaker speaker, SessionOpened opened, bool isImpatient)
    {
        string who = $"{script} {opened.SessionId} [{string.Join(' ', _faults)}]";
        promises.Require(!isImpatient, who, () => $"did not end in time: {Describe(speaker)}");
        if (isImpatient)
        {
            return;
        }

        var check = new SessionCheck(promises, who, _view, script.Turns, world.Record.Of(script.AvatarId))
        {
            SampleRate = script.SampleRate,
            TurnRelease = script.Delivery.TurnRelease,
            Faults = _faults,
        };
        check.Run();
        new SpeakerCheck(promises, who, speaker, script, check).Run();
        statistics.Add(speaker, _readers, check);
    }

    private string Describe(ChaosSpeaker speaker) => string.Join("; ", speaker.Turns.Select(turn => turn.ToString())
        .Concat(_readers.Select(reader => $"reader at {reader.Position}, end seen {reader.HasSeenEnd}, last break {reader.LastBreak}"))
        .Append($"speaker settled {speaker.IsSettled}, closed {speaker.Closed}, resumes {speaker.Resumes}"));
}
