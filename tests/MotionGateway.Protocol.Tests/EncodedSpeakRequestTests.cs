using System.Buffers;
using Google.Protobuf;
using MotionGateway.V1;

namespace MotionGateway.Protocol.Tests;

/// <summary>Speech that is read in place is what the generated message says of the same bytes, however they are written and cut.</summary>
public sealed class EncodedSpeakRequestTests
{
    private static readonly byte[] _speech = [.. Enumerable.Range(0, 300).Select(static n => (byte)n)];

    public static TheoryData<string> Chunks => [.. _chunks.Keys];

    private static readonly Dictionary<string, AudioChunk> _chunks = new()
    {
        ["whole"] = new AudioChunk { TurnId = "turn-1", Data = ByteString.CopyFrom(_speech), EndTurn = true },
        ["without a name"] = new AudioChunk { Data = ByteString.CopyFrom(_speech) },
        ["without speech"] = new AudioChunk { TurnId = "turn-1", EndTurn = true },
        ["empty"] = new AudioChunk(),
        ["a name beyond ASCII"] = new AudioChunk { TurnId = "tür", Data = ByteString.CopyFrom(1, 2) },
    };

    [Theory]
    [MemberData(nameof(Chunks))]
    public void Read_Speech_IsWhatTheMessageSays(string name)
    {
        byte[] bytes = new SpeakRequest { Audio = _chunks[name] }.ToByteArray();

        AssertSame(bytes);
    }

    [Fact]
    public void Read_SpeechWrittenOtherwise_IsWhatTheMessageSays()
    {
        // Fields in another order, one of them twice; a number that is longer than it need be; a field of the future.
        AssertSame(Audio([0x12, 2, 7, 8, 0x0A, 1, (byte)'a', 0x12, 1, 9, 0x18, 1]));
        AssertSame(Audio([0x12, 0x82, 0x00, 7, 8, 0x18, 0x80, 0x01]));
        AssertSame(Audio([0x12, 1, 7, 0x7A, 2, 1, 2]));
        AssertSame([.. Audio([0x12, 1, 7]), .. Audio([0x0A, 1, (byte)'b'])]);
        AssertSame([.. Audio([0x12, 1, 7]), 0x52, 0]);
        AssertSame([0x52, 0, .. Audio([0x12, 1, 7])]);
    }

    [Fact]
    public void Read_AnyBytes_AreARequestWhereTheMessageIsOne()
    {
        var random = new Random(20261130);
        byte[] good = new SpeakRequest { Audio = _chunks["whole"] }.ToByteArray();
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = good[..random.Next(good.Length + 1)];
            for (int changes = random.Next(4); changes > 0 && bytes.Length > 0; changes--)
            {
                bytes[random.Next(Math.Min(bytes.Length, 16))] = (byte)random.Next(256);
            }

            AssertSame(bytes);
        }
    }

    [Fact]
    public void Read_SomethingElse_IsItsMessage()
    {
        var heartbeat = new SpeakRequest { Heartbeat = new Heartbeat() };

        using var request = Read(heartbeat.ToByteArray());

        Assert.False(request.IsAudio);
        Assert.Equal(heartbeat, request.Message);
    }

    [Fact]
    public void GetTurnId_AsItLikelyIs_IsThat()
    {
        string likely = new(['t', 'u', 'r', 'n', '-', '1']);
        using var request = Read(new SpeakRequest { Audio = _chunks["whole"] }.ToByteArray());

        Assert.Same(likely, request.GetTurnId(likely));
        Assert.Equal("turn-1", request.GetTurnId("turn-2"));
    }

    [Fact]
    public void Dispose_Twice_LeavesNothingToRead()
    {
        var request = Read(new SpeakRequest { Audio = _chunks["whole"] }.ToByteArray());

        request.Dispose();
        request.Dispose();

        Assert.True(request.Data.IsEmpty);
        Assert.Equal("", request.GetTurnId("turn-1"));
    }

    private static byte[] Audio(byte[] chunk) => [0x1A, (byte)chunk.Length, .. chunk];

    private static void AssertSame(byte[] bytes)
    {
        SpeakRequest expected;
        try
        {
            expected = SpeakRequest.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException)
        {
            Assert.Throws<InvalidProtocolBufferException>(() => Read(bytes));
            return;
        }

        using var request = Read(bytes);
        Assert.Equal(expected.RequestCase == SpeakRequest.RequestOneofCase.Audio, request.IsAudio);
        if (!request.IsAudio)
        {
            Assert.Equal(expected, request.Message);
            return;
        }

        Assert.Equal(expected.Audio.TurnId, request.GetTurnId("turn-1"));
        Assert.True(expected.Audio.Data.Span.SequenceEqual(request.Data));
        Assert.Equal(expected.Audio.EndTurn, request.EndTurn);
    }

    // As gRPC gives it: in two pieces where it is long enough.
    private static EncodedSpeakRequest Read(byte[] bytes)
    {
        int cut = Math.Min(bytes.Length, 5);
        var first = new Segment(bytes.AsMemory(0, cut), 0, null);
        var last = new Segment(bytes.AsMemory(cut), cut, first);
        return EncodedSpeakRequest.Read(new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length));
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long runningIndex, Segment? before)
        {
            (Memory, RunningIndex) = (memory, runningIndex);
            if (before is not null)
            {
                before.Next = this;
            }
        }
    }
}
