using System.Diagnostics;
using MotionGateway.Chaos.Tests.Checking;
using MotionGateway.Chaos.Tests.Oracle;
using MotionGateway.Chaos.Tests.Reading;
using MotionGateway.Chaos.Tests.Speaking;
using MotionGateway.Chaos.Tests.World;
using MotionGateway.Messages.DrivenIngress.V2;
using MotionGateway.V1;
using Xunit.Abstractions;

namespace MotionGateway.Chaos.Tests.Recovery;

/// <summary>
/// How much later than it should motion reaches a reader over sockets: figures, since a machine that is busy delays everything. That
/// it is in time is tested on a fake clock with the sessions' own tests.
/// </summary>
[Trait("Category", "Chaos")]
public sealed class LeadFiguresTests(ITestOutputHelper output)
{
    private const int SampleRate = 16_000;

    private static readonly TimeSpan Length = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Allowance = TimeSpan.FromMilliseconds(50);

    [Fact]
    public async Task Motion_EachLeadAndPace_IsWholeAndItsFiguresAreTold()
    {
        await using var world = await ChaosWorld.StartAsync(hasRelay: false);
        int[] leads = [250, 500, 2000, 10_000];
        double[] paces = [0, 10, 1];
        var lines = await Task.WhenAll(leads.SelectMany(lead => paces.Select(pace => RunAsync(world, lead, pace))));
        foreach (string line in lines)
        {
            output.WriteLine(line);
        }
    }

    private static async Task<string> RunAsync(ChaosWorld world, int lead, double pace)
    {
        var promises = new Promises();
        string avatar = $"avatar-{lead}-{pace}";
        var turn = new SpokenTurn(new TurnPlan
        {
            Name = "turn",
            Speech = SpeechSound.Create(new Random(lead), SampleRate, (int)(Length.TotalSeconds * SampleRate)),
            ChunkBytes = 1920,
            Pace = pace,
        });
        var script = new SessionScript
        {
            AvatarId = avatar,
            SampleRate = SampleRate,
            Turns = [turn],
            Ending = SessionEnding.Close,
            Delivery = new Delivery { MaxLeadMs = lead, AudioRelease = AudioRelease.AtOnce },
        };
        var view = new SessionView(promises);
        using var speaker = new ChaosSpeaker(new Uri($"http://{world.Speaking.Address}"), script, promises, view) { WaitsToSpeak = true };
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var speaking = speaker.RunAsync(limit.Token);
        var opened = await speaker.Opened.WaitAsync(limit.Token);
        var playback = new Playback(SampleRate);
        var arrivals = new List<(long At, V1.Motion Motion)>();
        using var reader = new ChaosReader(
            () => new GrpcFeed(new Uri($"http://{world.Reading.Address}")), opened.SessionId, "",
            new StartFeed { Position = new Position { Epoch = opened.Position.Epoch } }, promises, avatar, view, seed: 1)
        {
            Seen = payload =>
            {
                long now = Stopwatch.GetTimestamp();
                if (payload.Audio is { } audio)
                {
                    playback.Take(audio, now);
                }
                else if (payload.Motion is { } motion)
                {
                    arrivals.Add((now, motion));
                }
            },
        };
        var reading = reader.RunAsync(limit.Token);
        speaker.MaySpeak();
        await Task.WhenAll(speaking, reading);
        Assert.Equal("", promises.ToString());
        Assert.Equal((long)(Length.TotalSeconds * 25), arrivals.Sum(arrival => arrival.Motion.KeyframeCount));
        return Tell(lead, pace, playback, arrivals, world.Record.Of(avatar));
    }

    // Beyond half the lead before it is due, or 50 ms after it was made, whichever is later.
    private static string Tell(int lead, double pace, Playback playback, List<(long At, V1.Motion Motion)> arrivals, MadeMotion made)
    {
        var beyond = arrivals.Select(arrival =>
        {
            var first = Message.Parser.ParseFrom(arrival.Motion.Envelope).ServerResponseAnimation.Animation.Keyframes[0];
            var due = playback.DueSinceStart(arrival.Motion.FirstKeyframe * SampleRate / 25) - (TimeSpan.FromMilliseconds(lead) / 2);
            var there = made.MadeAt(MadeMotion.Fingerprint(first)) is { } at ? Stopwatch.GetElapsedTime(playback.Start, at) + Allowance : TimeSpan.Zero;
            var latest = due > there ? due : there;
            return (Stopwatch.GetElapsedTime(playback.Start, arrival.At) - latest).TotalMilliseconds;
        }).Order().ToList();
        return $"lead {lead,5} ms, {(pace == 0 ? "at once" : $"at {pace}x"),7}: {arrivals.Count,2} payloads, later than allowed by {beyond[beyond.Count / 2],7:0} ms in the middle, {beyond[^1],6:0} ms at the worst";
    }
}
