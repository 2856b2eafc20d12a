using Google.Protobuf;
using MotionGateway.V1;

namespace MotionGateway.Feeds.Tests;

public sealed class PayloadEncoderTests
{
    public static TheoryData<uint, long, string, long, int> Edges()
    {
        var data = new TheoryData<uint, long, string, long, int>();
        foreach (long number in new[] { 0L, 1, 127, 128, 16_383, 16_384, int.MaxValue, uint.MaxValue, long.MaxValue })
        {
            foreach (int size in new[] { 0, 2, 120, 128, 16_380, 70_000 })
            {
                data.Add((uint)(number & uint.MaxValue), number, size % 3 == 0 ? "" : "turn-ä-" + size, number, size);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Edges))]
    public void EncodeAudio_EqualsTheGeneratedMessage(uint epoch, long sequence, string turn, long first, int size)
    {
        byte[] samples = Bytes(size);
        foreach (bool last in new[] { false, true })
        {
            byte[] encoded = PayloadEncoder.EncodeAudio(new LogPosition(epoch, sequence), turn, first, size / 2, last, samples);

            var audio = new Audio { FirstSample = first, SampleCount = size / 2, Last = last, Data = ByteString.CopyFrom(samples) };
            AssertSame(new Payload { Epoch = epoch, Sequence = sequence, TurnId = turn, Audio = audio }, encoded);
        }
    }

    [Theory]
    [MemberData(nameof(Edges))]
    public void EncodeMotion_EqualsTheGeneratedMessage(uint epoch, long sequence, string turn, long first, int size)
    {
        byte[] envelope = Bytes(size + 1);
        foreach (int count in new[] { 1, 25, int.MaxValue })
        {
            byte[] encoded = PayloadEncoder.EncodeMotion(new LogPosition(epoch, sequence), turn, first, count, count == 1, envelope);

            var motion = new Motion
            {
                FirstKeyframe = first,
                KeyframeCount = count,
                Last = count == 1,
                Envelope = ByteString.CopyFrom(envelope),
            };
            AssertSame(new Payload { Epoch = epoch, Sequence = sequence, TurnId = turn, Motion = motion }, encoded);
        }
    }

    [Fact]
    public void Encode_EveryKind_HasTheHeaderOfItsMessage()
    {
        Payload[] payloads =
        [
            new() { Audio = new Audio() }, new() { Motion = new Motion() }, new() { TurnStarted = new TurnStarted() },
            new() { TurnSealed = new TurnSealed { SampleCount = 9 } }, new() { TurnEnded = new TurnEnded() },
            new() { PlaybackChanged = new PlaybackChanged { Paused = true } }, new() { ViewerMessage = new ViewerMessage() },
            new() { SessionEnded = new SessionEnded() },
        ];
        foreach (var payload in payloads)
        {
            (payload.Epoch, payload.Sequence, payload.TurnId) = (3, 300, "t");
            byte[] encoded = PayloadEncoder.Encode(payload);

            Assert.True(PayloadHeader.TryRead(encoded, out var header));
            Assert.Equal((int)payload.ContentCase, (int)header.Kind);
            Assert.Equal((3u, 300), (header.Epoch, header.Sequence));
            Assert.Equal("t"u8, header.TurnId);
            Assert.Equal(payload, SpeakResponse.Parser.ParseFrom(encoded).Payload);
        }
    }

    private static void AssertSame(Payload payload, byte[] encoded)
    {
        Assert.Equal(new SubscribeResponse { Payload = payload }.ToByteArray(), encoded);
        Assert.Equal(new SpeakResponse { Payload = payload }.ToByteArray(), encoded);
    }

    private static byte[] Bytes(int size)
    {
        byte[] bytes = new byte[size];
        new Random(size).NextBytes(bytes);
        return bytes;
    }
}
