using Grpc.Core;

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
        var payloads = speaker.Received.Payloads().ToList();
        Assert.Equal(Enumerable.Range(1, payloads.Count).Select(n => (long)n), payloads.Select(p => p.Sequence));
        FeedAssert.Whole(payloads, "one", first, sampleRate);
        FeedAssert.Whole(payloads, "two", second, sampleRate);
        Assert.NotNull(speaker.Received[^1].Closed);
    }
}
