using Google.Protobuf;
using MotionGateway.Messages.DrivenIngress.V2;
using MotionGateway.MotionServer.Tests.Scripted;

namespace MotionGateway.MotionServer.Tests.Messages;

public sealed class MotionMessageTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100)]
    public void TryRead_Animation_ReadsHeaderAndCountsKeyframes(int keyframes)
    {
        byte[] envelope = Motion.Of("r-ü", keyframes, end: true, "avatar-1").ToByteArray();

        Assert.True(MotionMessage.TryRead(envelope, out MotionMessage? message));

        Assert.Equal((ScriptedServer.ConnectionId, "r-ü", "avatar-1", true, keyframes),
            (message.ConnectionId, message.RequestId, message.AvatarId, message.End, message.KeyframeCount));
        Assert.Equal(envelope, message.Envelope.ToArray());
    }

    [Fact]
    public void TryRead_UnknownFieldsAndGroups_AreSkipped()
    {
        byte[] envelope = Motion.WithUnknownFields(Motion.Of("r", 3));

        Assert.True(MotionMessage.TryRead(envelope, out MotionMessage? message));

        Assert.Equal(("r", 3, null), (message.RequestId, message.KeyframeCount, message.AvatarId));
    }

    [Fact]
    public void TryRead_MemberTwice_IsMergedLikeProtobufDoes()
    {
        byte[] first = Motion.Of("first", 2).ToByteArray();
        byte[] second = Motion.Of("second", 3, end: true).ToByteArray();

        Assert.True(MotionMessage.TryRead((byte[])[.. first, .. second], out MotionMessage? message));

        Message parsed = Message.Parser.ParseFrom([.. first, .. second]);
        Assert.Equal((parsed.ServerResponseAnimation.ReqId, parsed.ServerResponseAnimation.Animation.Keyframes.Count), (message.RequestId, message.KeyframeCount));
    }

    [Fact]
    public void TryRead_EveryTruncation_AgreesWithTheParserOnTheHeader()
    {
        byte[] envelope = Motion.WithUnknownFields(Motion.Of("request", 2, end: true, "avatar"));
        for (int length = 0; length < envelope.Length; length++)
        {
            byte[] cut = envelope[..length];
            bool parses = Parses(cut, out Message? parsed) && parsed!.DataCase == Message.DataOneofCase.ServerResponseAnimation;

            Assert.Equal(parses, MotionMessage.TryRead(cut, out _));
        }
    }

    [Theory]
    [InlineData("00")]
    [InlineData("08")]
    [InlineData("0B")]
    [InlineData("0C")]
    [InlineData("32FFFFFFFF0F")]
    [InlineData("32FFFFFFFFFFFFFFFFFFFF01")]
    [InlineData("0805320412021FFF")]
    [InlineData("08053204120280FF")]
    public void TryRead_MalformedBytes_ReturnsFalse(string hex) =>
        Assert.False(MotionMessage.TryRead(Convert.FromHexString(hex), out _));

    [Fact]
    public void TryRead_GroupsDeeperThanAnyRuntimeGoes_ReturnsFalse()
    {
        byte[] start = [0x63];
        byte[] end = [0x64];

        Assert.False(MotionMessage.TryRead((byte[])[.. Enumerable.Repeat(start[0], 100_000), .. Enumerable.Repeat(end[0], 100_000)], out _));
    }

    [Fact]
    public void TryRead_OtherKinds_ReturnsFalse()
    {
        Message error = new() { Type = MessageType.MessageServerError, ServerError = new ServerError { Code = 1 } };
        Message disagreeing = Motion.Of("r", 1);
        disagreeing.Type = MessageType.MessageServerError;

        Assert.False(MotionMessage.TryRead(error.ToByteArray(), out _));
        Assert.False(MotionMessage.TryRead(disagreeing.ToByteArray(), out _));
        Assert.False(MotionMessage.TryRead(ReadOnlyMemory<byte>.Empty, out _));
    }

    [Theory]
    [InlineData(0, true, null, null)]
    [InlineData(320, false, null, null)]
    [InlineData(70_000, true, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", null)]
    [InlineData(1, false, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "vendor=ü")]
    public void EnvelopeWriter_Audio_IsWhatTheParserExpects(int bytes, bool last, string? traceParent, string? traceState)
    {
        byte[] audio = [.. Enumerable.Range(0, bytes).Select(i => (byte)i)];
        RequestMessage request = new(MessageType.MessageClientAudioInput, Message.ClientAudioInputFieldNumber, "réq")
        {
            IsLast = last,
            Audio = audio,
            TraceParent = traceParent,
            TraceState = traceState,
        };

        byte[] written = new byte[EnvelopeWriter.Measure(request)];
        EnvelopeWriter.Write(request, written);

        Message expected = new()
        {
            Type = MessageType.MessageClientAudioInput,
            ClientAudioInput = new ClientAudioInput { ReqId = "réq", End = last, Audio = ByteString.CopyFrom(audio) },
        };
        if (traceParent is not null)
        {
            expected.ClientAudioInput.TraceContext = new TraceContext { Traceparent = traceParent, Tracestate = traceState ?? "" };
        }

        Assert.Equal(expected.ToByteArray(), written);
    }

    private static bool Parses(byte[] bytes, out Message? message)
    {
        try
        {
            message = Message.Parser.ParseFrom(bytes);
            return true;
        }
        catch (InvalidProtocolBufferException)
        {
            message = null;
            return false;
        }
    }
}
