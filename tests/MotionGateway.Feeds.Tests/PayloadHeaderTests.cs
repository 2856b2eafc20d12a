using Google.Protobuf;
using MotionGateway.Testing;
using MotionGateway.V1;
using Xunit.Abstractions;

namespace MotionGateway.Feeds.Tests;

public sealed class PayloadHeaderTests(ITestOutputHelper output)
{
    private static readonly byte[] Interrupted = PayloadEncoder.Encode(new Payload
    {
        Epoch = 2,
        Sequence = 500,
        TurnId = "turn",
        TurnEnded = new TurnEnded
        {
            Outcome = TurnOutcome.Interrupted,
            Reason = "stop",
            Discarded = new SequenceRange { From = 100, Through = 499 },
            PlayedSamples = 12345,
        },
    });

    [Fact]
    public void TryRead_EndedTurn_GivesOutcomeAndRange()
    {
        Assert.True(PayloadHeader.TryRead(Interrupted, out var header));

        Assert.Equal((int)TurnOutcome.Interrupted, header.ReadOutcome());
        Assert.Equal(new SequenceSpan(100, 499), header.ReadDiscarded());
    }

    [Fact]
    public void TryRead_EveryTruncation_IsFalse()
    {
        for (int length = 0; length < Interrupted.Length; length++)
        {
            Assert.False(PayloadHeader.TryRead(Interrupted.AsSpan(0, length), out _));
        }
    }

    [Fact]
    public void TryRead_UnknownFields_AreSkipped()
    {
        byte[] unknown = [0xA0, 0x06, 0x01, 0xA1, 0x06, 1, 2, 3, 4, 5, 6, 7, 8, 0xA5, 0x06, 1, 2, 3, 4, 0xA2, 0x06, 2, 9, 9];
        byte[] inner = [.. unknown, 0x08, 2, 0x10, 5, .. unknown];

        Assert.True(PayloadHeader.TryRead([.. unknown, 0x12, (byte)inner.Length, .. inner], out var header));
        Assert.Equal((2u, 5L, PayloadKind.Unknown), (header.Epoch, header.Sequence, header.Kind));
    }

    [Theory]
    [InlineData(new byte[] { 0x08, 2, 0x10, 5, 0x00 })]
    [InlineData(new byte[] { 0x08, 2, 0x10, 5, 0x07 })]
    [InlineData(new byte[] { 0x08, 2, 0x10, 5, 0x80 })]
    [InlineData(new byte[] { 0x08, 2, 0x10, 5, 0x0B })]
    [InlineData(new byte[] { 0x08, 2 })]
    [InlineData(new byte[] { 0x10, 5 })]
    [InlineData(new byte[] { 0x08, 2, 0x10, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01 })]
    public void TryRead_MalformedPayload_IsFalse(byte[] payload) =>
        Assert.False(PayloadHeader.TryRead([0x12, (byte)payload.Length, .. payload], out _));

    [Fact]
    public void TryRead_ResponseWithoutPayload_IsFalse()
    {
        Assert.False(PayloadHeader.TryRead(new SubscribeResponse { Heartbeat = new Heartbeat() }.ToByteArray(), out _));
        Assert.False(PayloadHeader.TryRead(new SubscribeResponse { Skipped = new SequenceSkipped() }.ToByteArray(), out _));
    }

    [Fact]
    public void TryRead_Garbage_NeverThrows()
    {
        int seed = TestSeed.GivenOrChance();
        output.WriteLine($"MOTIONGATEWAY_SEED={seed}");
        var random = new Random(seed);
        for (int i = 0; i < 200_000; i++)
        {
            byte[] bytes = i % 2 == 0 ? new byte[random.Next(40)] : (byte[])Interrupted.Clone();
            if (i % 2 == 0)
            {
                random.NextBytes(bytes);
            }
            else
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            if (PayloadHeader.TryRead(bytes, out var header))
            {
                header.ReadDiscarded();
                header.ReadOutcome();
                Assert.True(header.Sequence > 0 && header.Epoch > 0);
            }
        }
    }
}
