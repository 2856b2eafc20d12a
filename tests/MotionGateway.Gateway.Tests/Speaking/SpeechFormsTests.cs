using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using MotionGateway.Messages.DrivenIngress.V2;
using MotionGateway.MotionServer;
using MotionGateway.OggOpus;
using MotionGateway.V1;
using AudioFormat = MotionGateway.V1.AudioFormat;

namespace MotionGateway.Gateway.Tests.Speaking;

/// <summary>Speech comes in any form, and viewers get samples or Ogg Opus, at their place, with all of its motion.</summary>
public sealed class SpeechFormsTests : IAsyncLifetime
{
    private const int Rate = 16_000;
    private const int OpusRate = 48_000;

    private readonly byte[] _pcm = Speech.Create(Rate, Rate * 6 / 10);
    private GatewayUnderTest _gateway = null!;

    public async Task InitializeAsync() => _gateway = await GatewayUnderTest.StartAsync();

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Theory]
    [InlineData(AudioEncoding.PcmS16Le, 1)]
    [InlineData(AudioEncoding.PcmS16Le, 2)]
    [InlineData(AudioEncoding.PcmF32Le, 1)]
    [InlineData(AudioEncoding.PcmF32Le, 2)]
    [InlineData(AudioEncoding.Wav, 1)]
    [InlineData(AudioEncoding.Wav, 2)]
    public async Task Speak_SamplesInAnyForm_ReachViewersAsTheyAre(AudioEncoding encoding, int channels)
    {
        var payloads = await SpeakAsync(Encode(_pcm, encoding, channels), open =>
        {
            open.AudioFormat = new AudioFormat { Encoding = encoding, SampleRate = Rate, Channels = channels };
        });

        FeedAssert.Whole(payloads, "story", _pcm, Rate);
    }

    [Theory]
    [InlineData(AudioEncoding.Mulaw, 8_000, 8_000)]
    [InlineData(AudioEncoding.Alaw, 8_000, 8_000)]
    [InlineData(AudioEncoding.PcmS16Le, 11_025, 16_000)]
    [InlineData(AudioEncoding.PcmS16Le, 12_000, 16_000)]
    [InlineData(AudioEncoding.PcmS16Le, 44_100, 44_100)]
    public async Task Speak_AnyRate_IsBroughtToATimelinesRate(AudioEncoding encoding, int rate, int timeline)
    {
        byte[] pcm = Speech.Create(rate, rate * 6 / 10);
        Speaker? used = null;
        byte[] bytes = encoding == AudioEncoding.PcmS16Le ? pcm : new byte[pcm.Length / 2];
        var payloads = await SpeakAsync(bytes, open => open.AudioFormat = new AudioFormat { Encoding = encoding, SampleRate = rate }, speaker => used = speaker);

        Assert.Equal((encoding, rate, 1), (used!.Opened.AudioFormat.Encoding, used.Opened.AudioFormat.SampleRate, used.Opened.AudioFormat.Channels));
        Assert.Equal(timeline, used.Opened.Delivery.SampleRate);
        Assert.Equal(timeline * 6 / 10 * 2, payloads.Audio().Length);
        Assert.Equal(15, payloads.Where(payload => payload.Motion is not null).Sum(payload => payload.Motion.KeyframeCount));
    }

    [Fact]
    public async Task Speak_WavInEveryChunk_IsSpokenWithoutItsHeaders()
    {
        byte[] half = Encode(_pcm[..(_pcm.Length / 2)], AudioEncoding.Wav, 1);
        byte[] rest = Encode(_pcm[(_pcm.Length / 2)..], AudioEncoding.Wav, 1);
        using var speaker = await Speaker.OpenAsync(_gateway.Speech, open => open.AudioFormat = new AudioFormat { Encoding = AudioEncoding.Wav });
        Assert.Equal(24_000, speaker.Opened.Delivery.SampleRate);

        using var same = await Speaker.OpenAsync(_gateway.Speech, open =>
        {
            open.AudioFormat = new AudioFormat { Encoding = AudioEncoding.Wav };
            open.Delivery = new Delivery { SampleRate = Rate };
        });
        await same.SendAudioAsync(half, "story");
        await same.SendAudioAsync(rest, "story", end: true);
        await same.TurnEndedAsync("story");

        FeedAssert.Whole(same.Received.Payloads(), "story", _pcm, Rate);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(333)]
    [InlineData(1_000_000)]
    public async Task Speak_Opus_IsPassedOnPacketByPacketBothWays(int chunkBytes)
    {
        byte[] stream = Speech.EncodeOpus(Rate, _pcm);
        var payloads = await SpeakAsync(
            stream,
            open =>
            {
                open.AudioFormat = new AudioFormat { Encoding = AudioEncoding.OggOpus };
                open.Delivery = new Delivery { AudioEncoding = AudioEncoding.OggOpus };
            },
            chunkBytes: chunkBytes);

        var started = payloads.Single(payload => payload.TurnStarted is not null).TurnStarted;
        Assert.Equal((OpusRate, AudioEncoding.OggOpus), (started.SampleRate, started.AudioEncoding));
        AssertOpusWhole(payloads, _pcm.Length / 2 * 3);
        Assert.Equal(Packets(stream), Packets([.. started.AudioHeader, .. payloads.Audio()]));
        Assert.Equal(15, payloads.Where(payload => payload.Motion is not null).Sum(payload => payload.Motion.KeyframeCount));

        // To the Motion Server, too: it makes the same motion of the stream itself.
        Assert.Equal(await MotionOfAsync(_gateway, MotionAudioFormat.OggOpus(OpusRate), stream), Keyframes(payloads));
    }

    [Fact]
    public async Task Speak_Opus_CanReachViewersAsSamples()
    {
        byte[] stream = Speech.EncodeOpus(Rate, _pcm);
        var payloads = await SpeakAsync(stream, open => open.AudioFormat = new AudioFormat { Encoding = AudioEncoding.OggOpus });

        FeedAssert.Whole(payloads, "story", Decode(stream), OpusRate);
    }

    [Fact]
    public async Task Speak_SamplesForViewersOfOpus_AreEncodedWhole()
    {
        var payloads = await SpeakAsync(_pcm, open =>
        {
            open.Delivery = new Delivery { AudioEncoding = AudioEncoding.OggOpus };
        });

        AssertOpusWhole(payloads, _pcm.Length / 2 * 3);
        Assert.All(payloads.Where(payload => payload.Audio is not null), payload => Assert.InRange(payload.Audio.SampleCount, 0, OpusRate / 4));
    }

    // So that the header and any later run of pieces are a stream: players take it, though a page's number is not the next.
    [Fact]
    public async Task Speak_OpusForViewers_ComesInPiecesOfWholePagesWithWholePackets()
    {
        var payloads = await SpeakAsync(_pcm, open => open.Delivery = new Delivery { AudioEncoding = AudioEncoding.OggOpus, MaxPayloadMs = 60 });

        var pieces = payloads.Where(payload => payload.Audio is not null).Select(payload => payload.Audio).ToList();
        Assert.InRange(pieces.Count, 9, 12);
        Assert.All(pieces, piece => Assert.InRange(piece.SampleCount, 0, OpusRate * 60 / 1000));
        Assert.All(pieces, piece => AssertWholePages(piece.Data.Span));
    }

    [Fact]
    public async Task Speak_OpusWhoseLegIsLost_IsSaidAnewFromWhereItsMotionEnds()
    {
        byte[] stream = Speech.EncodeOpus(Rate, Speech.Create(Rate, Rate * 2));
        _gateway.MotionServer.Faults.Arm("fault-reset@motion", count: 1);
        var payloads = await SpeakAsync(
            stream,
            open =>
            {
                open.AudioFormat = new AudioFormat { Encoding = AudioEncoding.OggOpus };
                open.Delivery = new Delivery { AudioEncoding = AudioEncoding.OggOpus, AudioRelease = AudioRelease.AtOnce };
            });

        AssertOpusWhole(payloads, OpusRate * 2);
        Assert.Equal(50, payloads.Where(payload => payload.Motion is not null).Sum(payload => payload.Motion.KeyframeCount));
    }

    [Fact]
    public async Task MotionServer_CanBeSentOpus()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(options => options.MotionServerAudioEncoding = AudioEncoding.OggOpus);
        using var speaker = await Speaker.OpenAsync(gateway.Speech);
        await speaker.SayAsync(_pcm, "story");
        await speaker.TurnEndedAsync("story");

        FeedAssert.Whole(speaker.Received.Payloads(), "story", _pcm, Rate);
        var encoder = new OggOpusEncoderOptions { SampleRate = Rate, Bitrate = new OpusOptions().Bitrate, Complexity = new OpusOptions().Complexity };
        var made = Keyframes(speaker.Received.Payloads());
        Assert.Equal(await MotionOfAsync(gateway, MotionAudioFormat.PcmToOggOpus(encoder), _pcm), made);
        Assert.NotEqual(await MotionOfAsync(gateway, new MotionAudioFormat(Rate), _pcm), made);
    }

    [Theory]
    [InlineData("ID3\x04\0\0\0\0\0\x0a", "MP3")]
    [InlineData("fLaC\0\0\0\x22", "FLAC")]
    [InlineData("{\"error\":{\"message\":\"quota exceeded\",\"type\":\"insufficient_quota\"}}", "JSON")]
    [InlineData("<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head></html>", "HTML")]
    public async Task Speak_WhatIsNoSpeech_FailsItsTurnOnlyAndByName(string text, string name)
    {
        using var speaker = await Speaker.OpenAsync(_gateway.Speech);
        await speaker.SendAudioAsync([.. System.Text.Encoding.Latin1.GetBytes(text), .. new byte[text[0] is '{' or '<' ? 0 : 64]], "bad", end: true);
        await speaker.SayAsync(_pcm, "story");

        var refused = (await speaker.WaitForAsync(response => response.Refused is not null)).Refused;
        Assert.Equal((ErrorReason.AudioFormatMismatch, "bad"), (refused.Reason, refused.TurnId));
        Assert.Contains(name, refused.Message, StringComparison.OrdinalIgnoreCase);
        var ended = await speaker.TurnEndedAsync("bad");
        Assert.Equal((TurnOutcome.Failed, ErrorReason.AudioFormatMismatch), (ended.Outcome, ended.Error));
        Assert.Empty(speaker.Received.Payloads().Where(payload => payload.TurnId == "bad").Audio());
        await speaker.TurnEndedAsync("story");
        FeedAssert.Whole(speaker.Received.Payloads(), "story", _pcm, Rate);
    }

    [Fact]
    public async Task Speak_ErrorTextInAnOpenTurn_EndsWhatWasSaidBefore()
    {
        using var speaker = await Speaker.OpenAsync(_gateway.Speech);
        await speaker.SendAudioAsync(_pcm, "story");
        await speaker.SendAudioAsync("{\"error\":\"the voice is not there any more\"}"u8.ToArray(), "story");
        await speaker.SendAudioAsync(_pcm, "story", end: true);

        var ended = await speaker.TurnEndedAsync("story");
        var report = await speaker.TurnReportAsync("story");

        Assert.Equal((TurnOutcome.Failed, ErrorReason.AudioFormatMismatch), (ended.Outcome, ended.Error));
        Assert.Equal(_pcm, speaker.Received.Payloads().Audio());
        Assert.Equal(_pcm.Length / 2, report.SampleCount);
    }

    [Fact]
    public async Task TurnReport_WarnsOfWhatSoundsWrong()
    {
        byte[] noise = new byte[Rate];
        new Random(4).NextBytes(noise);
        using var speaker = await Speaker.OpenAsync(_gateway.Speech);
        await speaker.SayAsync(noise, "noise");
        await speaker.SayAsync(new byte[Rate / 2], "silence");
        await speaker.SayAsync(_pcm, "story");

        Assert.Equal([AudioWarning.FullScaleNoise], (await speaker.TurnReportAsync("noise")).AudioWarnings);
        Assert.Equal([AudioWarning.Silence], (await speaker.TurnReportAsync("silence")).AudioWarnings);
        Assert.Empty((await speaker.TurnReportAsync("story")).AudioWarnings);
    }

    private async Task<List<Payload>> SpeakAsync(
        byte[] bytes, Action<OpenSession> configure, Action<Speaker>? use = null, int chunkBytes = 3_201)
    {
        using var speaker = await Speaker.OpenAsync(_gateway.Speech, configure);
        use?.Invoke(speaker);
        await speaker.SayAsync(bytes, "story", chunkBytes);
        var ended = await speaker.TurnEndedAsync("story");
        Assert.Equal((TurnOutcome.Completed, ErrorReason.Unspecified), (ended.Outcome, ended.Error));
        var report = await speaker.TurnReportAsync("story");
        Assert.Equal(0, report.DroppedBytes);
        return [.. speaker.Received.Payloads()];
    }

    private static async Task<List<Flame>> MotionOfAsync(GatewayUnderTest gateway, MotionAudioFormat format, byte[] speech)
    {
        await using var client = new MotionServerClient(new MotionServerOptions
        {
            AppId = "local-app",
            ApiKey = "local-key",
            ConsoleUrl = gateway.MotionServer.ConsoleUrl,
            IngressUrl = gateway.MotionServer.IngressUrl,
        });
        await using var connection = await client.ConnectAsync("avatar-1", format);
        await using var request = connection.StartRequest();
        await request.SendAsync(speech);
        await request.EndAsync();
        var keyframes = new List<Flame>();
        await foreach (var message in request.ReadMotionAsync())
        {
            keyframes.AddRange(Message.Parser.ParseFrom(message.Envelope.Span).ServerResponseAnimation.Animation.Keyframes);
        }

        return keyframes;
    }

    private static List<Flame> Keyframes(IEnumerable<Payload> payloads) =>
        [.. payloads.Where(payload => payload.Motion is not null)
            .SelectMany(payload => Message.Parser.ParseFrom(payload.Motion.Envelope).ServerResponseAnimation.Animation.Keyframes)];

    private static void AssertOpusWhole(List<Payload> payloads, long samples)
    {
        long next = 0;
        foreach (var audio in payloads.Where(payload => payload.Audio is not null).Select(payload => payload.Audio))
        {
            Assert.Equal(next, audio.FirstSample);
            Assert.StartsWith("OggS", System.Text.Encoding.Latin1.GetString(audio.Data.Span), StringComparison.Ordinal);
            next += audio.SampleCount;
        }

        Assert.Equal(samples, next);
        var started = payloads.Single(payload => payload.TurnStarted is not null).TurnStarted;
        Assert.Equal(samples, Decode([.. started.AudioHeader, .. payloads.Audio()]).Length / 2);
        Assert.Equal(samples, payloads.Single(payload => payload.TurnSealed is not null).TurnSealed.SampleCount);
    }

    private static byte[] Decode(byte[] stream)
    {
        var pcm = new ArrayBufferWriter<byte>();
        using var decoder = new OggOpusDecoder(OpusRate);
        decoder.Decode(stream, pcm);
        decoder.Complete();
        return pcm.WrittenSpan.ToArray();
    }

    private static List<string> Packets(byte[] stream)
    {
        var reader = new OggOpusReader();
        ReadOnlySpan<byte> rest = stream;
        var packets = new List<string>();
        while (reader.TryRead(ref rest, out var packet))
        {
            packets.Add(Convert.ToHexString(packet.Data));
        }

        return packets;
    }

    private static void AssertWholePages(ReadOnlySpan<byte> pages)
    {
        while (!pages.IsEmpty)
        {
            Assert.True(pages.StartsWith("OggS"u8));
            Assert.Equal(0, pages[5] & 1);
            var lacing = pages.Slice(27, pages[26]);
            Assert.NotEqual(255, lacing.IsEmpty ? 0 : lacing[^1]);
            int size = 27 + lacing.Length;
            foreach (byte length in lacing)
            {
                size += length;
            }

            pages = pages[size..];
        }
    }

    private static byte[] Encode(byte[] pcm, AudioEncoding encoding, int channels)
    {
        var bytes = new ArrayBufferWriter<byte>();
        if (encoding == AudioEncoding.Wav)
        {
            int size = pcm.Length * channels;
            bytes.Write("RIFF"u8);
            WriteInt32(bytes, 36 + size);
            bytes.Write("WAVEfmt "u8);
            WriteInt32(bytes, 16);
            WriteInt32(bytes, 1 | (channels << 16));
            WriteInt32(bytes, Rate);
            WriteInt32(bytes, Rate * 2 * channels);
            WriteInt32(bytes, (2 * channels) | (16 << 16));
            bytes.Write("data"u8);
            WriteInt32(bytes, size);
        }

        foreach (short sample in MemoryMarshal.Cast<byte, short>(pcm))
        {
            for (int channel = 0; channel < channels; channel++)
            {
                int size = encoding == AudioEncoding.PcmF32Le ? 4 : 2;
                var target = bytes.GetSpan(size);
                if (size == 4)
                {
                    BinaryPrimitives.WriteSingleLittleEndian(target, sample / 32768f);
                }
                else
                {
                    BinaryPrimitives.WriteInt16LittleEndian(target, sample);
                }

                bytes.Advance(size);
            }
        }

        return bytes.WrittenSpan.ToArray();
    }

    private static void WriteInt32(ArrayBufferWriter<byte> bytes, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(bytes.GetSpan(4), value);
        bytes.Advance(4);
    }
}
