using Grpc.Core;
using MotionGateway.V1;

namespace MotionGateway.Gateway.Tests;

public sealed class SpeakTests : IAsyncLifetime
{
    private GatewayUnderTest _gateway = null!;

    public async Task InitializeAsync() => _gateway = await GatewayUnderTest.StartAsync();

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Theory]
    [InlineData(8000)]
    [InlineData(16000)]
    [InlineData(22050)]
    [InlineData(48000)]
    public async Task Speak_TwoTurns_EachComesBackWhole(int sampleRate)
    {
        byte[] first = Speech.Create(sampleRate, samples: (sampleRate * 5 / 4) + 3);
        byte[] second = Speech.Create(sampleRate, samples: sampleRate / 3, seed: 2);
        using var speaker = await Speaker.OpenAsync(
            _gateway.Speech, open => open.AudioFormat.SampleRate = sampleRate);

        await speaker.SayAsync(first, "one", chunkBytes: 1001);
        await speaker.SayAsync(second, "two", chunkBytes: 777);
        await speaker.FinishAsync();
        var status = await speaker.WaitForEndAsync();

        Assert.Equal(StatusCode.OK, status.StatusCode);
        var payloads = speaker.Received.Where(r => r.Payload is not null).Select(r => r.Payload).ToList();
        Assert.Equal(Enumerable.Range(1, payloads.Count).Select(n => (long)n), payloads.Select(p => p.Sequence));
        AssertTurn(payloads, "one", first, sampleRate);
        AssertTurn(payloads, "two", second, sampleRate);
        Assert.NotNull(speaker.Received[^1].Closed);
    }

    private static void AssertTurn(List<Payload> payloads, string turnId, byte[] pcm, int sampleRate)
    {
        var turn = payloads.Where(p => p.TurnId == turnId).ToList();
        Assert.Equal(Payload.ContentOneofCase.TurnStarted, turn[0].ContentCase);
        Assert.Equal(TurnOutcome.Completed, turn[^1].TurnEnded.Outcome);
        Assert.Single(turn, p => p.TurnEnded is not null);
        var audio = turn.Where(p => p.Audio is not null).Select(p => p.Audio).ToList();
        Assert.Equal(pcm, audio.SelectMany(a => a.Data.ToByteArray()).ToArray());
        Assert.True(audio[^1].Last);
        var motion = turn.Where(p => p.Motion is not null).Select(p => p.Motion).ToList();
        Assert.Equal(Math.Max(1, pcm.Length / 2 * 25L / sampleRate), motion.Sum(m => m.KeyframeCount));
        Assert.True(motion[^1].Last);
    }
}
