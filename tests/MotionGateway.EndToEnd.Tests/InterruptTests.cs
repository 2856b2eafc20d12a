using Grpc.Core;
using MotionGateway.V1;

namespace MotionGateway.EndToEnd.Tests;

/// <summary>An interrupt after all audio has been sent, while viewers still play, through all hops.</summary>
[Collection(nameof(OtherServices))]
[Trait("Category", "EndToEnd")]
public sealed class InterruptTests(RunningServices services)
{
    private const string Turn = "long";
    private const int InFlightBytes = 6400;
    private const int Ahead = 6;

    [Fact]
    public async Task Interrupt_AllAudioSent_FencesTheTurnAtEveryReader()
    {
        using var speaker = await Speaker.OpenAsync(services.Speech);
        string id = speaker.Opened.SessionId;
        using var reader = await FeedReader.OpenAsync(services.Feed, id);
        using var binary = await services.ViewAsync(id);
        using var json = await services.ViewAsync(id, json: true);
        using var slow = await services.ViewAsync(id, acknowledge: false);

        // More than the slow viewer's window is released ahead of playback.
        byte[] speech = Clip.ReadLong();
        await speaker.SayAsync(speech, Turn);
        await Task.WhenAll(
            speaker.WaitForAsync(response => response.AudioAcknowledged?.Bytes > 2 * Ahead * Clip.SampleRate),
            reader.WaitForAsync(IsAhead), binary.ReceiveUntilAsync(IsAhead), json.ReceiveUntilAsync(IsAhead),
            slow.ReceiveUntilAsync(response => response.Payload?.Audio is not null));

        var acknowledged = await InterruptAsync(speaker, speech);
        await speaker.SayAsync(Clip.Read(0.5), "next");
        await speaker.WaitForAsync(response => response.Payload?.TurnId == "next" && response.Payload.TurnEnded is not null);
        await speaker.FinishAsync();
        Assert.Equal(StatusCode.OK, (await speaker.WaitForEndAsync()).StatusCode);
        await reader.ReadToEndAsync();
        Assert.Null(await binary.ReceiveToEndAsync());
        Assert.Null(await json.ReceiveToEndAsync());
        await ReadSlowlyAsync(slow);

        AssertReader(speaker.Received.Where(response => response.Payload is not null).Select(response => response.Payload), acknowledged);
        foreach (var received in new[] { reader.Received, binary.Received, json.Received, slow.Received })
        {
            AssertReader(received.Payloads(), acknowledged);
            FeedAssert.Contiguous(received);
        }

        byte[] heard = binary.Payloads.Where(payload => payload.TurnId == Turn).Audio();
        byte[] heardSlowly = slow.Payloads.Where(payload => payload.TurnId == Turn).Audio();
        Assert.Equal(speech[..heard.Length], heard);
        Assert.True(heardSlowly.Length < heard.Length, "The slow viewer had it all.");
    }

    private static bool IsAhead(SubscribeResponse response) => response.Payload?.Audio?.FirstSample >= Ahead * Clip.SampleRate;

    private async Task<InterruptAcknowledged> InterruptAsync(Speaker speaker, byte[] speech)
    {
        await speaker.SendAsync(new SpeakRequest { Interrupt = new Interrupt { TurnId = Turn, Reason = "barge-in" } });
        await speaker.SendAudioAsync(new byte[InFlightBytes], Turn);
        var acknowledged = (await speaker.WaitForAsync(response => response.InterruptAcknowledged is not null)).InterruptAcknowledged;
        var discarded = await speaker.AcknowledgedAsync(Turn, speech.Length + InFlightBytes);
        var session = (await services.Sessions.GetSessionAsync(new GetSessionRequest { SessionId = speaker.Opened.SessionId })).Session;

        Assert.Equal((Turn, false), (acknowledged.TurnId, acknowledged.AlreadyEnded));
        Assert.InRange(acknowledged.Discarded.Through, acknowledged.Discarded.From, long.MaxValue);
        Assert.InRange(discarded.DiscardedBytes, InFlightBytes, speech.Length);
        Assert.Equal(1, session.TurnCount);
        return acknowledged;
    }

    // Until the interrupt it has acknowledged nothing; now it wants the next turn.
    private static async Task ReadSlowlyAsync(TestViewer viewer)
    {
        var ended = await viewer.ReceiveUntilAsync(response => response.Payload?.TurnEnded is not null);
        await viewer.AcknowledgeAsync(ended.Payload.Epoch, ended.Payload.Sequence);
        await viewer.ReceiveToEndAsync();
    }

    private static void AssertReader(IEnumerable<Payload> payloads, InterruptAcknowledged acknowledged)
    {
        var all = payloads.ToList();
        FeedAssert.Fenced(all, Turn, acknowledged.Discarded);
        Assert.Equal([Turn, "next"], all.Where(payload => payload.TurnStarted is not null).Select(payload => payload.TurnId));
        Assert.Equal(Clip.Read(0.5), all.Where(payload => payload.TurnId == "next").Audio());
        Assert.NotNull(all[^1].SessionEnded);
    }
}
