using Grpc.Core;
using MotionGateway.V1;

namespace MotionGateway.Gateway.Tests;

/// <summary>Replies as agents send them: a word, a sentence in one message, a whole answer at once, and the last words.</summary>
public sealed class ReplyTests : IAsyncLifetime
{
    private GatewayUnderTest _gateway = null!;

    public async Task InitializeAsync() => _gateway = await GatewayUnderTest.StartAsync(motion: options => options.MaxConnections = 400);

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Theory]
    [InlineData(8000)]
    [InlineData(16000)]
    [InlineData(22050)]
    [InlineData(24000)]
    [InlineData(32000)]
    [InlineData(44100)]
    [InlineData(48000)]
    public async Task AVeryShortTurn_IsHeardAndItsEndIsTold(int rate)
    {
        using var speaker = await Speaker.OpenAsync(_gateway.Speech, open => open.AudioFormat.SampleRate = rate);
        int[] lengths = [1, rate / 50, (rate / 25) - 1, rate / 25, rate / 10];
        foreach (var (samples, i) in lengths.Select((samples, i) => (samples, i)))
        {
            byte[] pcm = Speech.Create(rate, samples, seed: i);
            bool isEndLate = i % 2 == 1;
            await speaker.SendAudioAsync(pcm, $"yes-{i}", end: !isEndLate);
            if (isEndLate)
            {
                await speaker.WaitForAsync(response => response.Payload is { Audio: not null } && response.Payload.TurnId == $"yes-{i}");
                await speaker.EndTurnAsync($"yes-{i}");
            }

            await speaker.TurnEndedAsync($"yes-{i}");
            FeedAssert.Whole(speaker.Received.Payloads(), $"yes-{i}", pcm, rate);
        }
    }

    [Theory]
    [InlineData(8, 24000)]
    [InlineData(25, 48000)]
    public async Task AWholeSentenceInOneMessage_IsSpoken(int seconds, int rate)
    {
        using var speaker = await Speaker.OpenAsync(_gateway.Speech, open => open.AudioFormat.SampleRate = rate);
        byte[] pcm = Speech.Create(rate, seconds * rate);
        await speaker.SendAudioAsync(pcm, "sentence", end: true);

        await speaker.WaitForAsync(response => response.Payload?.Motion is not null);
        var stopped = await speaker.InterruptAsync();

        Assert.Equal("sentence", stopped.TurnId);
        Assert.DoesNotContain(speaker.Received, response => response.Refused is not null);
        byte[] heard = speaker.Received.Payloads().Audio();
        Assert.Equal(pcm[..heard.Length], heard);
    }

    [Fact]
    public async Task ManySentencesAtOnce_AreAllSpokenInOrder()
    {
        using var speaker = await Speaker.OpenAsync(_gateway.Speech);
        var sentences = Enumerable.Range(0, 24).Select(i => (Id: $"s{i}", Pcm: Speech.Create(16000, 1600, seed: i))).ToList();
        foreach (var (id, pcm) in sentences)
        {
            await speaker.SendAudioAsync(pcm, id, end: true);
        }

        await speaker.TurnEndedAsync("s23");

        Assert.Equal(sentences.Select(sentence => sentence.Id), speaker.Received.Payloads().Started());
        Assert.All(sentences, sentence => FeedAssert.Whole(speaker.Received.Payloads(), sentence.Id, sentence.Pcm, 16000));
        Assert.DoesNotContain(speaker.Received, response => response.Refused is not null);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task HalfClose_RightAfterTheLastWords_LetsThemBeHeard(bool isEnded)
    {
        using var speaker = await Speaker.OpenAsync(_gateway.Speech);
        using var reader = await FeedReader.OpenAsync(_gateway.Feed, speaker.SessionId);
        byte[] answer = Speech.Create(16000, 8000);
        byte[] goodbye = Speech.Create(16000, 8000, seed: 2);
        await speaker.SayAsync(answer, "answer");
        await speaker.SendAudioAsync(goodbye, "goodbye", isEnded);

        await speaker.FinishAsync();
        var status = await speaker.WaitForEndAsync();
        await reader.ReadToEndAsync();

        Assert.Equal(StatusCode.OK, status.StatusCode);
        foreach (var payloads in new[] { speaker.Received.Payloads(), reader.Received.Payloads() })
        {
            FeedAssert.Whole(payloads, "answer", answer, 16000);
            FeedAssert.Whole(payloads, "goodbye", goodbye, 16000);
        }

        Assert.Equal(ErrorReason.Unspecified, speaker.Received[^1].Closed.Error);
        Assert.Equal(ErrorReason.Unspecified, reader.Received[^1].Payload.SessionEnded.Error);
    }

    [Fact]
    public async Task Close_WhenHeard_TakesNoMoreAndLetsAllBeHeard()
    {
        using var speaker = await Speaker.OpenAsync(_gateway.Speech);
        byte[] pcm = Speech.Create(16000, 8000);
        await speaker.SayAsync(pcm, "goodbye");
        await speaker.SendAsync(new SpeakRequest { Close = new CloseSession { WhenHeard = true } });
        await speaker.SendAudioAsync(pcm, "too-late");

        var status = await speaker.WaitForEndAsync();

        Assert.Equal(StatusCode.OK, status.StatusCode);
        FeedAssert.Whole(speaker.Received.Payloads(), "goodbye", pcm, 16000);
        Assert.Equal(["goodbye"], speaker.Received.Payloads().Started());
        Assert.Equal(pcm.Length, speaker.Received.Last(r => r.AudioAcknowledged?.TurnId == "too-late").AudioAcknowledged.DiscardedBytes);
    }

    [Fact]
    public async Task Close_AtOnce_EndsWhatPlaysAndGivesTheReason()
    {
        using var speaker = await Speaker.OpenAsync(_gateway.Speech);
        await speaker.SayAsync(Speech.Create(16000, 160_000), "long");
        await speaker.WaitForAsync(response => response.Payload?.Audio is not null);

        await speaker.SendAsync(new SpeakRequest { Close = new CloseSession { Reason = "hung up" } });
        var status = await speaker.WaitForEndAsync();

        Assert.Equal(StatusCode.OK, status.StatusCode);
        Assert.Equal([("long", TurnOutcome.Interrupted)], speaker.Received.Payloads().Ended());
        Assert.Equal((ErrorReason.Unspecified, "hung up"), (speaker.Received[^1].Closed.Error, speaker.Received[^1].Closed.Reason));
    }

    [Fact]
    public async Task ManyCallsAndFeeds_OnOneConnection_AreAllServed()
    {
        const int count = 120;
        byte[] pcm = Speech.Create(16000, 1600);
        var speakers = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => Speaker.OpenAsync(_gateway.Speech)));
        var readers = await Task.WhenAll(speakers.Select(speaker => FeedReader.OpenAsync(_gateway.Feed, speaker.SessionId)));

        await Task.WhenAll(speakers.Select(speaker => speaker.SayAsync(pcm, "hi")));
        await Task.WhenAll(speakers.Select(speaker => speaker.TurnEndedAsync("hi")));
        await Task.WhenAll(readers.Select(reader => reader.TurnEndedAsync("hi")));

        Assert.All(speakers, speaker => FeedAssert.Whole(speaker.Received.Payloads(), "hi", pcm, 16000));
        Assert.All(readers, reader => FeedAssert.Whole(reader.Received.Payloads(), "hi", pcm, 16000));
        Assert.Equal(count, speakers.Select(speaker => speaker.SessionId).Distinct().Count());
        foreach (var call in speakers.Cast<IDisposable>().Concat(readers))
        {
            call.Dispose();
        }
    }
}
