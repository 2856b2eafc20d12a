using System.Buffers;
using MotionGateway.LocalMotion.Egress;
using MotionGateway.LocalMotion.Tests.Egress;
using MotionGateway.Messages.DrivenIngress.V2;
using MotionGateway.OggOpus;

namespace MotionGateway.LocalMotion.Tests;

public sealed class OpusTests
{
    [Theory]
    [InlineData(8000)]
    [InlineData(12000)]
    [InlineData(16000)]
    [InlineData(24000)]
    [InlineData(48000)]
    public async Task Motion_OfOpus_HasItsLengthWithAndWithoutACodec(int rate)
    {
        byte[] stream = Encode(Speech.Babble((7 * rate) + (rate / 30), rate), rate);
        List<ServerResponseAnimation> decoded = await SpeakAsync(stream, rate, decode: true);
        List<ServerResponseAnimation> silent = await SpeakAsync(stream, rate, decode: false);

        Assert.Equal([50, 100, 25], decoded.Select(animation => animation.Animation.Keyframes.Count));
        Assert.Equal([50, 100, 25], silent.Select(animation => animation.Animation.Keyframes.Count));
        Assert.True(decoded.Max(JawOpening) > 0.03);
        Assert.Equal(0.005f, silent.Max(JawOpening));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Opus_ThatIsMalformed_IsReportedAndTheConnectionStays(bool decode)
    {
        await using LocalMotionServer server = await LocalMotionServer.StartAsync(new LocalMotionServerOptions { DecodeOpus = decode, Segments = MotionSegments.Recorded });
        using RawClient client = await OpenAsync(server, 16000);
        byte[] broken = Encode(Speech.Babble(16000, 16000), 16000);
        // A checksum notices.
        broken[500] ^= 1;
        await client.SendAudioAsync("broken", broken);
        await client.SendAudioAsync("broken", broken, end: true);
        await client.SendAudioAsync("pcm", Speech.Babble(16000, 16000), end: true);
        await client.SendAudioAsync("good", Encode(Speech.Babble(16000, 16000), 16000), end: true);

        foreach (string request in (string[])["broken", "pcm"])
        {
            ServerError? error = (await client.ReceiveAsync())?.ServerError;
            Assert.Equal((3, request), (error?.Code, error?.ReqId));
            Assert.StartsWith("failed to read Ogg Opus audio", error!.Message, StringComparison.Ordinal);
        }

        Assert.Equal("good", Assert.Single(await client.ReceiveTurnAsync()).ReqId);
    }

    [Fact]
    public async Task Opus_OfRequestsThatAreRefused_LeavesLiveOnesAlone()
    {
        await using LocalMotionServer server = await LocalMotionServer.StartAsync(new LocalMotionServerOptions { MaxOpenRequests = 2 });
        using RawClient client = await OpenAsync(server, 16000);
        byte[] stream = Encode(Speech.Babble(16000, 16000), 16000);
        int half = stream.Length / 2;
        await client.SendAudioAsync("one", stream.AsMemory(0, half));
        await client.SendAudioAsync("two", stream.AsMemory(0, half));
        foreach (string refused in (string[])["three", "four"])
        {
            await client.SendAudioAsync(refused, stream, end: true);
            Assert.Equal((8, refused), await NextErrorAsync(client));
        }

        await client.SendAudioAsync("one", stream.AsMemory(half), end: true);
        Assert.Equal("one", Assert.Single(await client.ReceiveTurnAsync()).ReqId);
        await client.InterruptAsync("two");
        await client.SendAudioAsync("two", stream.AsMemory(half), end: true);
        await client.SendAudioAsync("two", stream, end: true);
        Assert.Equal("two", Assert.Single(await client.ReceiveTurnAsync()).ReqId);
    }

    [Fact]
    public async Task Opus_OfRequestsThatAreGivenUp_MakesRoomWithoutTouchingLiveOnes()
    {
        await using LocalMotionServer server = await LocalMotionServer.StartAsync(new LocalMotionServerOptions { MaxOpenRequests = 2 });
        using RawClient client = await OpenAsync(server, 16000);
        byte[] stream = Encode(Speech.Babble(16000, 16000), 16000);
        int half = stream.Length / 2;
        await client.SendAudioAsync("live", stream.AsMemory(0, half));
        for (int i = 0; i < 3; i++)
        {
            await client.SendAudioAsync($"stopped-{i}", stream.AsMemory(0, half));
            await client.InterruptAsync($"stopped-{i}");
        }

        await client.SendAudioAsync("live", stream.AsMemory(half), end: true);
        Assert.Equal("live", Assert.Single(await client.ReceiveTurnAsync()).ReqId);
    }

    [Fact]
    public async Task Opus_WithoutItsLastPage_IsTakenAsFarAsItGoes()
    {
        await using LocalMotionServer server = await LocalMotionServer.StartAsync();
        using RawClient client = await OpenAsync(server, 16000);
        var stream = new ArrayBufferWriter<byte>();
        using (var encoder = new OggOpusEncoder(new OggOpusEncoderOptions { SampleRate = 16000 }))
        {
            encoder.Encode(Speech.Babble(16000, 16000), stream);
        }

        await client.SendAudioAsync("turn", stream.WrittenMemory, end: true);
        // The codec's look-ahead is not played.
        Assert.InRange(Assert.Single(await client.ReceiveTurnAsync()).Animation.Keyframes.Count, 24, 25);
    }

    [Fact]
    public async Task Opus_OfTooLongARequest_IsReported()
    {
        await using LocalMotionServer server = await LocalMotionServer.StartAsync(new LocalMotionServerOptions { MaxRequestDuration = TimeSpan.FromSeconds(2) });
        using RawClient client = await OpenAsync(server, 48000);
        await client.SendAudioAsync("long", Encode(Speech.Babble(48000 * 3, 48000), 48000), end: true);

        Assert.Equal((8, "long"), await NextErrorAsync(client));
        await client.SendAudioAsync("short", Encode(Speech.Babble(48000, 48000), 48000), end: true);
        Assert.Equal("short", Assert.Single(await client.ReceiveTurnAsync()).ReqId);
    }

    [Fact]
    public async Task Opus_WithEgress_PlaysAsLongAsItSounds()
    {
        var clock = new ObservedTimeProvider();
        await using LocalMotionServer server = await LocalMotionServer.StartAsync(new LocalMotionServerOptions { TimeProvider = clock });
        ClientConfigureSession configuration = EgressClient.LiveKit();
        (configuration.AudioFormat, configuration.SampleRate) = (AudioFormat.OggOpus, 24000);
        (RawClient client, _) = await EgressClient.OpenAsync(server, configuration, clock.GetUtcNow());
        using RawClient open = client;
        byte[] stream = Encode(Speech.Babble(3 * 24000, 24000), 24000);
        await client.SendAudioAsync("turn", stream, end: true);
        await client.AssertStateAsync("turn", PlaybackState.Playing, 0);
        await clock.WaitForTimerAsync(clock.GetUtcNow().AddSeconds(3));
        clock.Advance(TimeSpan.FromSeconds(3));
        await client.AssertStateAsync("turn", PlaybackState.Ended, 3000);

        EgressRequest request = Assert.Single(server.Egress.Connections[0].Requests);
        Assert.Equal((stream.Length, TimeSpan.FromSeconds(3)), (request.AudioBytes, request.AudioDuration));
    }

    private static async Task<List<ServerResponseAnimation>> SpeakAsync(byte[] stream, int rate, bool decode)
    {
        await using LocalMotionServer server = await LocalMotionServer.StartAsync(new LocalMotionServerOptions { DecodeOpus = decode, Segments = MotionSegments.Recorded });
        using RawClient client = await OpenAsync(server, rate);
        foreach (ReadOnlyMemory<byte> chunk in Speech.CutAnywhere(stream, rate))
        {
            await client.SendAudioAsync("turn", chunk);
        }

        await client.SendAudioAsync("turn", ReadOnlyMemory<byte>.Empty, end: true);
        return await client.ReceiveTurnAsync();
    }

    // Motion of other requests may come first.
    private static async Task<(int Code, string Request)> NextErrorAsync(RawClient client)
    {
        while (await client.ReceiveAsync() is { } message)
        {
            if (message.ServerError is { } error)
            {
                return (error.Code, error.ReqId);
            }
        }

        return default;
    }

    private static async Task<RawClient> OpenAsync(LocalMotionServer server, int rate)
    {
        RawClient client = await RawClient.ConnectAsync(server, "avatar", await RawClient.TokenAsync(server));
        Message answer = await client.ConfigureAsync(new ClientConfigureSession { SampleRate = rate, AudioFormat = AudioFormat.OggOpus });
        Assert.NotNull(answer.ServerConfirmSession);
        return client;
    }

    private static byte[] Encode(byte[] pcm, int rate)
    {
        var stream = new ArrayBufferWriter<byte>();
        using var encoder = new OggOpusEncoder(new OggOpusEncoderOptions { SampleRate = rate });
        encoder.Encode(pcm, stream);
        encoder.Finish(stream);
        return stream.WrittenSpan.ToArray();
    }

    private static float JawOpening(ServerResponseAnimation animation) => animation.Animation.Keyframes.Max(keyframe => keyframe.JawPose[0]);
}
