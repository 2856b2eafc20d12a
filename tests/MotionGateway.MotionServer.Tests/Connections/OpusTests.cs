using MotionGateway.Messages.DrivenIngress.V2;
using MotionGateway.MotionServer.Tests.Scripted;
using MotionGateway.OggOpus;
using MotionGateway.Testing;

namespace MotionGateway.MotionServer.Tests.Connections;

public sealed class OpusTests
{
    private static readonly OggOpusEncoderOptions Encoder = new() { SampleRate = 24000, FrameDuration = TimeSpan.FromMilliseconds(40), Bitrate = 24_000 };

    [Fact]
    public async Task SendAudioAsync_OggOpusAlready_IsPassedThroughAsItIs()
    {
        byte[] stream = [.. Enumerable.Range(0, 1001).Select(i => (byte)i)];
        (ClientConfigureSession configuration, List<ClientAudioInput> inputs) = await RecordAsync(
            new MotionConnectionOptions("avatar", MotionAudioFormat.OggOpus(16000, 32_000)),
            async connection =>
            {
                await connection.SendAudioAsync("r", stream.AsMemory(0, 333), isLast: false);
                await connection.SendAudioAsync("r", stream.AsMemory(333), isLast: true);
            });

        Assert.Equal((AudioFormat.OggOpus, 16000, 32_000), (configuration.AudioFormat, configuration.SampleRate, configuration.Bitrate));
        Assert.Equal([333, 668], inputs.Select(input => input.Audio.Length));
        Assert.Equal(stream, Whole(inputs, "r"));
    }

    [Fact]
    public async Task SendAudioAsync_PcmToOggOpus_StreamsWhileItIsSpoken()
    {
        const int Chunks = 25;
        byte[] chunk = Tone(24000 / 10);
        (ClientConfigureSession configuration, List<ClientAudioInput> inputs) = await RecordAsync(
            new MotionConnectionOptions("avatar", MotionAudioFormat.PcmToOggOpus(Encoder)),
            async connection =>
            {
                for (int i = 0; i < Chunks; i++)
                {
                    await connection.SendAudioAsync("r", chunk, isLast: i == Chunks - 1);
                }
            });

        Assert.Equal((AudioFormat.OggOpus, 24000, 24_000), (configuration.AudioFormat, configuration.SampleRate, configuration.Bitrate));
        // A chunk of 100 ms completes at least two frames of 40 ms, which are sent with it.
        Assert.Equal(Chunks, inputs.Count);
        Assert.All(inputs, input => Assert.Equal(input == inputs[^1], input.End));
        Assert.Equal(Chunks * 4800, PlayedGranules(Whole(inputs, "r")));
        Assert.InRange(inputs.Sum(input => input.Audio.Length), 1000, chunk.Length * Chunks / 4);
    }

    [Fact]
    public async Task SendAudioAsync_RequestsThatOverlap_HaveAStreamEach()
    {
        List<EncodedSpeech> completed = [];
        (_, List<ClientAudioInput> inputs) = await RecordAsync(
            new MotionConnectionOptions("avatar", MotionAudioFormat.PcmToOggOpus(Encoder)) { OnStreamCompleted = completed.Add },
            async connection =>
            {
                await connection.SendAudioAsync("a", Tone(2400), isLast: false);
                await connection.SendAudioAsync("b", Tone(4800), isLast: false);
                await connection.SendAudioAsync("a", Tone(2400), isLast: false);
                await connection.SendAudioAsync("b", ReadOnlyMemory<byte>.Empty, isLast: true);
                await connection.SendAudioAsync("a", Tone(240), isLast: true);
            });

        Assert.Equal((5040 * 2, 4800 * 2), (PlayedGranules(Whole(inputs, "a")), PlayedGranules(Whole(inputs, "b"))));
        Assert.Equal(["b", "a"], completed.Select(stream => stream.RequestId));
        Assert.All(completed, stream => Assert.Equal(Whole(inputs, stream.RequestId), stream.OggOpus.ToArray()));
    }

    [Fact]
    public async Task SendAudioAsync_LessThanAFrame_IsHeldBackAndNotSentEmpty()
    {
        (_, List<ClientAudioInput> inputs) = await RecordAsync(
            new MotionConnectionOptions("avatar", MotionAudioFormat.PcmToOggOpus(Encoder)),
            async connection =>
            {
                await connection.SendAudioAsync("r", Tone(100), isLast: false);
                await connection.SendAudioAsync("r", Tone(100), isLast: false);
                await connection.SendAudioAsync("r", ReadOnlyMemory<byte>.Empty, isLast: true);
            });

        // The headers, nothing, and then the rest.
        Assert.Equal([false, true], inputs.Select(input => input.End));
        Assert.Equal(200 * 2, PlayedGranules(Whole(inputs, "r")));
    }

    [Fact]
    public async Task InterruptAsync_WhileEncoding_BeginsANewStreamForTheSameId()
    {
        List<EncodedSpeech> completed = [];
        (_, List<ClientAudioInput> inputs) = await RecordAsync(
            new MotionConnectionOptions("avatar", MotionAudioFormat.PcmToOggOpus(Encoder)) { OnStreamCompleted = completed.Add },
            async connection =>
            {
                await connection.SendAudioAsync("r", Tone(2400), isLast: false);
                await connection.InterruptAsync("r");
                await connection.SendAudioAsync("r", Tone(960), isLast: true);
            });

        Assert.Equal(960 * 2, PlayedGranules(Assert.Single(completed).OggOpus.ToArray()));
        Assert.Equal("OggS", System.Text.Encoding.ASCII.GetString(inputs[1].Audio.Span[..4]));
    }

    [Fact]
    public async Task SendAudioAsync_TooManyStreamsAtATime_IsRefusedAndTheConnectionLives()
    {
        MotionServerException? refused = null;
        (_, List<ClientAudioInput> inputs) = await RecordAsync(
            new MotionConnectionOptions("avatar", MotionAudioFormat.PcmToOggOpus(Encoder)),
            async connection =>
            {
                for (int i = 0; i < 64; i++)
                {
                    await connection.SendAudioAsync($"r{i}", Tone(960), isLast: false);
                }

                refused = await connection.SendAudioAsync("one too many", Tone(960), isLast: false).AsTask().Failure();
                await connection.SendAudioAsync("r0", Tone(960), isLast: true);
            });

        Assert.Equal((MotionServerErrorCode.InvalidRequest, "one too many"), (refused?.Code, refused?.RequestId));
        Assert.True(inputs[^1].End);
    }

    [Fact]
    public async Task SendAudioAsync_PcmToOggOpus_HalfASampleIsRefused()
    {
        await using Session session = await Session.OpenAsync(
            socket => socket.ReadToCloseAsync(), options: new MotionConnectionOptions("avatar", MotionAudioFormat.PcmToOggOpus(Encoder)));

        await Assert.ThrowsAsync<ArgumentException>(() => session.Connection.SendAudioAsync("r", new byte[3], isLast: false).AsTask());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SendAudioAsync_MemoryThatIsGone_IsTheCallersAndTheConnectionLives(bool encodes)
    {
        MotionAudioFormat format = encodes ? MotionAudioFormat.PcmToOggOpus(Encoder) : new MotionAudioFormat(24000);
        (_, List<ClientAudioInput> inputs) = await RecordAsync(
            new MotionConnectionOptions("avatar", format),
            async connection =>
            {
                using GoneMemory gone = new();
                await Assert.ThrowsAsync<ObjectDisposedException>(() => connection.SendAudioAsync("r", gone.Memory, isLast: false).AsTask());
                await connection.SendAudioAsync("r", Tone(960), isLast: true);
            });

        Assert.True(inputs[^1].End);
    }

    [Fact]
    public void PcmToOggOpus_WrongOptions_NamesEveryOne()
    {
        ArgumentException failure = Assert.Throws<ArgumentException>(
            () => MotionAudioFormat.PcmToOggOpus(new OggOpusEncoderOptions { SampleRate = 44100, Bitrate = 1 }));

        Assert.Contains("SampleRate", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Bitrate", failure.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => MotionAudioFormat.OggOpus(22050));
    }

    private static byte[] Tone(int samples)
    {
        byte[] pcm = new byte[samples * 2];
        for (int i = 0; i < samples; i++)
        {
            BitConverter.TryWriteBytes(pcm.AsSpan(i * 2), (short)(8000 * Math.Sin(i * 0.05)));
        }

        return pcm;
    }

    private static byte[] Whole(List<ClientAudioInput> inputs, string requestId) =>
        [.. inputs.Where(input => input.ReqId == requestId).SelectMany(input => input.Audio.ToByteArray())];

    private static long PlayedGranules(byte[] stream)
    {
        OggOpusReader reader = new();
        ReadOnlySpan<byte> rest = stream;
        long played = 0;
        while (reader.TryRead(ref rest, out OggOpusPacket packet))
        {
            played += packet.PlayedSamples;
        }

        reader.Complete();
        return played;
    }

    private static async Task<(ClientConfigureSession Configuration, List<ClientAudioInput> Inputs)> RecordAsync(
        MotionConnectionOptions options, Func<IMotionConnection, Task> send)
    {
        TaskCompletionSource<(ClientConfigureSession, List<Message>)> received = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ScriptedServer server = await ScriptedServer.StartAsync(async socket =>
            received.SetResult((await socket.ConfirmAsync(), await socket.ReadToCloseAsync())));
        await using MotionServerClient client = server.Client();
        await using (IMotionConnection connection = await client.ConnectAsync(options).DefaultTimeout())
        {
            await send(connection);
        }

        (ClientConfigureSession configuration, List<Message> messages) = await received.Task.DefaultTimeout();
        return (configuration, [.. messages.Where(message => message.ClientAudioInput is not null).Select(message => message.ClientAudioInput)]);
    }

    /// <summary>Memory that its owner has taken back.</summary>
    private sealed class GoneMemory : System.Buffers.MemoryManager<byte>
    {
        public override Memory<byte> Memory => CreateMemory(2);

        public override Span<byte> GetSpan() => throw new ObjectDisposedException(nameof(GoneMemory));

        public override System.Buffers.MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
