using MotionGateway.Messages.DrivenIngress.V2;
using MotionGateway.MotionServer.Tests.Scripted;
using MotionGateway.OggOpus;
using MotionGateway.Testing;

namespace MotionGateway.MotionServer.Tests.Connections;

public sealed class OpusTests
{
    private static readonly OggOpusEncoderOptions Encoder = new() { SampleRate = 24000, FrameDuration = TimeSpan.FromMilliseconds(40), Bitrate = 24_000 };

    [Fact]
    public async Task SendAsync_OggOpusAlready_IsPassedThroughAsItIs()
    {
        byte[] stream = [.. Enumerable.Range(0, 1001).Select(i => (byte)i)];
        (ClientConfigureSession configuration, List<ClientAudioInput> inputs) = await RecordAsync(
            new MotionConnectionOptions("avatar", MotionAudioFormat.OggOpus(16000, 32_000)),
            async connection =>
            {
                IMotionRequest request = connection.StartRequest("r");
                await request.SendAsync(stream.AsMemory(0, 333));
                await request.SayAsync(stream.AsMemory(333));
            });

        Assert.Equal((AudioFormat.OggOpus, 16000, 32_000), (configuration.AudioFormat, configuration.SampleRate, configuration.Bitrate));
        Assert.Equal([333, 668, 0], inputs.Select(input => input.Audio.Length));
        Assert.Equal(stream, Whole(inputs, "r"));
    }

    [Fact]
    public async Task SendAsync_PcmToOggOpus_StreamsWhileItIsSpoken()
    {
        const int Chunks = 25;
        byte[] chunk = Tone(24000 / 10);
        (ClientConfigureSession configuration, List<ClientAudioInput> inputs) = await RecordAsync(
            new MotionConnectionOptions("avatar", MotionAudioFormat.PcmToOggOpus(Encoder)),
            async connection =>
            {
                IMotionRequest request = connection.StartRequest("r");
                for (int i = 0; i < Chunks; i++)
                {
                    await request.SendAsync(chunk);
                }

                await request.EndAsync();
            });

        Assert.Equal((AudioFormat.OggOpus, 24000, 24_000), (configuration.AudioFormat, configuration.SampleRate, configuration.Bitrate));
        // A chunk of 100 ms completes at least two frames of 40 ms, which are sent with it.
        Assert.Equal(Chunks + 1, inputs.Count);
        Assert.All(inputs, input => Assert.Equal(input == inputs[^1], input.End));
        Assert.Equal(Chunks * 4800, PlayedGranules(Whole(inputs, "r")));
        Assert.InRange(inputs.Sum(input => input.Audio.Length), 1000, chunk.Length * Chunks / 4);
    }

    [Fact]
    public async Task SendAsync_RequestsThatOverlap_HaveAStreamEach()
    {
        List<EncodedSpeech> completed = [];
        (_, List<ClientAudioInput> inputs) = await RecordAsync(
            new MotionConnectionOptions("avatar", MotionAudioFormat.PcmToOggOpus(Encoder)) { OnStreamCompleted = completed.Add },
            async connection =>
            {
                IMotionRequest a = connection.StartRequest("a");
                IMotionRequest b = connection.StartRequest("b");
                await a.SendAsync(Tone(2400));
                await b.SendAsync(Tone(4800));
                await a.SendAsync(Tone(2400));
                await b.EndAsync();
                await a.SayAsync(Tone(240));
            });

        Assert.Equal((5040 * 2, 4800 * 2), (PlayedGranules(Whole(inputs, "a")), PlayedGranules(Whole(inputs, "b"))));
        Assert.Equal(["b", "a"], completed.Select(stream => stream.RequestId));
        Assert.All(completed, stream => Assert.Equal(Whole(inputs, stream.RequestId), stream.OggOpus.ToArray()));
    }

    [Fact]
    public async Task SendAsync_LessThanAFrame_IsHeldBackAndNotSentEmpty()
    {
        (_, List<ClientAudioInput> inputs) = await RecordAsync(
            new MotionConnectionOptions("avatar", MotionAudioFormat.PcmToOggOpus(Encoder)),
            async connection =>
            {
                IMotionRequest request = connection.StartRequest("r");
                await request.SendAsync(Tone(100));
                await request.SayAsync(Tone(100));
            });

        // The headers, nothing, and then the rest.
        Assert.Equal([false, true], inputs.Select(input => input.End));
        Assert.Equal(200 * 2, PlayedGranules(Whole(inputs, "r")));
    }

    [Fact]
    public async Task InterruptAsync_WhileEncoding_CompletesNoStream()
    {
        List<EncodedSpeech> completed = [];
        (_, List<ClientAudioInput> inputs) = await RecordAsync(
            new MotionConnectionOptions("avatar", MotionAudioFormat.PcmToOggOpus(Encoder)) { OnStreamCompleted = completed.Add },
            async connection =>
            {
                IMotionRequest request = connection.StartRequest("r");
                await request.SendAsync(Tone(2400));
                await request.InterruptAsync();
                await request.EndAsync();
            });

        Assert.Empty(completed);
        Assert.False(Assert.Single(inputs).End);
    }

    [Fact]
    public async Task SendAsync_PcmToOggOpusCutWithinSamples_LosesNone()
    {
        byte[] tone = Tone(4800);
        (_, List<ClientAudioInput> inputs) = await RecordAsync(
            new MotionConnectionOptions("avatar", MotionAudioFormat.PcmToOggOpus(Encoder)),
            async connection =>
            {
                IMotionRequest request = connection.StartRequest("r");
                foreach (byte[] chunk in tone.Chunk(333))
                {
                    await request.SendAsync(chunk);
                }

                await request.EndAsync();
            });

        Assert.Equal(4800 * 2, PlayedGranules(Whole(inputs, "r")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SendAsync_MemoryThatIsGone_IsTheCallersAndTheConnectionLives(bool encodes)
    {
        MotionAudioFormat format = encodes ? MotionAudioFormat.PcmToOggOpus(Encoder) : new MotionAudioFormat(24000);
        (_, List<ClientAudioInput> inputs) = await RecordAsync(
            new MotionConnectionOptions("avatar", format),
            async connection =>
            {
                using GoneMemory gone = new();
                IMotionRequest request = connection.StartRequest("r");
                await Assert.ThrowsAsync<ObjectDisposedException>(() => request.SendAsync(gone.Memory).AsTask());
                await request.SayAsync(Tone(960));
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
