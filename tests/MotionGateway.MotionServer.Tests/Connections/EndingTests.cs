using Microsoft.Extensions.Logging;
using MotionGateway.MotionServer.Tests.Scripted;
using MotionGateway.Testing;
using Code = MotionGateway.MotionServer.MotionServerErrorCode;

namespace MotionGateway.MotionServer.Tests.Connections;

/// <summary>How a reader learns that a connection has ended, and of errors that the server reports before that or without it.</summary>
public sealed class EndingTests
{
    [Theory]
    [InlineData(4001, Code.CreditsExhausted, false)]
    [InlineData(4002, Code.SessionDurationExceeded, true)]
    [InlineData(4003, Code.ConcurrencyLimit, true)]
    [InlineData(4010, Code.SessionTokenInvalid, false)]
    [InlineData(4503, Code.UpstreamError, true)]
    [InlineData(1011, Code.ConnectionClosed, true)]
    public async Task ReadMotionAsync_AbnormalClose_IsThrownOnceWithCodeAndReason(int closeCode, Code expected, bool retryable)
    {
        await using Session session = await Session.OpenAsync(async socket =>
        {
            await socket.SendAsync(Motion.Of("r", 1));
            await socket.CloseAsync(closeCode, "because");
        });
        List<MotionMessage> read = [];

        MotionServerException failure = await session.Request.ReadInto(read).Failure();

        Assert.Equal((expected, MotionServerPhase.WebSocketRuntime, retryable), (failure.Code, failure.Phase, failure.IsRetryable));
        Assert.Equal((closeCode, "because", ScriptedServer.ConnectionId), (failure.CloseCode, failure.CloseReason, failure.ConnectionId));
        Assert.Single(read);
        // Whoever reads again is told again.
        Assert.Same(failure, await session.Request.ReadAll().Failure());
        Assert.Same(failure, await session.Connection.Completion.Failure());
    }

    [Fact]
    public async Task ReadMotionAsync_TcpReset_IsConnectionClosedWithoutACode()
    {
        await using Session session = await Session.OpenAsync(async socket =>
        {
            await socket.ReceiveAsync();
            socket.Reset();
        });
        await session.Request.SendAsync(new byte[2]);

        MotionServerException failure = await session.Request.ReadAll().Failure();

        Assert.Equal((Code.ConnectionClosed, MotionServerPhase.WebSocketRuntime, null, true), (failure.Code, failure.Phase, failure.CloseCode, failure.IsRetryable));
    }

    [Fact]
    public async Task ReadMotionAsync_PeerThatAnswersNoPing_IsConnectionClosed()
    {
        await using Session session = await Session.OpenAsync(
            socket => socket.StallAsync(),
            options =>
            {
                options.KeepAliveInterval = TimeSpan.FromMilliseconds(50);
                // Long enough for the handshake on a busy machine.
                options.KeepAliveTimeout = TimeSpan.FromSeconds(5);
            });

        MotionServerException failure = await session.Request.ReadAll().Failure();

        Assert.Equal((Code.ConnectionClosed, true), (failure.Code, failure.IsRetryable));
    }

    [Theory]
    [InlineData(4001)]
    [InlineData(1000)]
    [InlineData(null)]
    public async Task ReadMotionAsync_ServerErrorThenEnd_IsOneFailure(int? closeCode)
    {
        await using Session session = await Session.OpenAsync(async socket =>
        {
            await socket.SendAsync(Motion.Of("r", 1));
            await socket.SendErrorAsync(4001, "credits exhausted", "r");
            if (closeCode is int code)
            {
                await socket.CloseAsync(code, "bye");
            }
            else
            {
                socket.HangUp();
            }
        });
        List<MotionMessage> read = [];

        MotionServerException failure = await session.Request.ReadInto(read).Failure();
        MotionServerException completion = await session.Connection.Completion.Failure();
        MotionServerException send = await session.Request.SendAsync(new byte[2]).AsTask().Failure();

        Assert.Equal((Code.CreditsExhausted, "r", "4001"), (failure.Code, failure.RequestId, failure.ServerCode));
        Assert.Same(failure, completion);
        Assert.Equal((Code.CreditsExhausted, closeCode), (completion.Code, completion.CloseCode));
        Assert.Equal((Code.CreditsExhausted, MotionServerPhase.WebSocketSend), (send.Code, send.Phase));
        Assert.Single(read);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ReadMotionAsync_VagueErrorThenTellingClose_IsOneVerdictForAll(bool othersGoOn)
    {
        await using Session session = await Session.OpenAsync(async socket =>
        {
            await socket.SendErrorAsync(13, "ended", "r");
            if (othersGoOn)
            {
                await socket.SendAsync(Motion.Of("other", 1));
            }

            await socket.CloseAsync(4001, "no credits");
        });
        List<MotionMessage> read = [];

        MotionServerException failure = await session.Request.ReadAll().Failure();

        Assert.Same(failure, await session.Other.ReadInto(read).Failure());
        Assert.Equal((Code.CreditsExhausted, MotionServerRetry.Never, "13"), (failure.Code, failure.Retry, failure.ServerCode));
        Assert.Equal((4001, "no credits", "r"), (failure.CloseCode, failure.CloseReason, failure.RequestId));
        Assert.Same(failure, await session.Connection.Completion.Failure());
        Assert.Equal(othersGoOn ? 1 : 0, read.Count);
    }

    [Fact]
    public async Task ReadMotionAsync_ErrorThenWhatThisSideRefuses_AreTwoFailuresInOrder()
    {
        await using Session session = await Session.OpenAsync(
            async socket =>
            {
                await socket.SendErrorAsync(3, "audio input is wrong in some way", "r");
                await socket.SendRawAsync(new byte[100_000]);
                await socket.StallAsync();
            },
            options => options.MaxMessageBytes = 64 * 1024);

        MotionServerException report = await session.Request.ReadAll().Failure();
        MotionServerException end = await session.Request.ReadAll().Failure();

        Assert.Equal((Code.InvalidRequest, "r"), (report.Code, report.RequestId));
        Assert.Equal(Code.ProtocolError, end.Code);
    }

    [Fact]
    public async Task ReadMotionAsync_ErrorsThatNobodyReads_LeaveTheConnectionAndTheFirstAreKept()
    {
        using RecordingLogs logs = new();
        await using Session session = await Session.OpenAsync(
            async socket =>
            {
                for (int i = 0; i < 3000; i++)
                {
                    await socket.SendErrorAsync(3, $"audio input is wrong in some way: {i}", "r");
                }

                await socket.SendAsync(Motion.Of("r", 1, end: true));
                await socket.CloseAsync(1000);
            },
            options => options.ReceiveBufferBytes = 64 * 1024,
            logs);
        await session.Connection.Completion.DefaultTimeout();
        int told = 0;
        List<MotionMessage> read = [];
        for (bool isOver = false; !isOver;)
        {
            try
            {
                await session.Request.ReadInto(read).DefaultTimeout();
                isOver = true;
            }
            catch (MotionServerException failure)
            {
                Assert.EndsWith($": {told++}", failure.ServerDetail, StringComparison.Ordinal);
            }
        }

        Assert.Equal(16, told);
        Assert.Single(read);
        Assert.Equal(5, logs.Entries.Count(entry => entry.Level == LogLevel.Warning));
    }

    [Fact]
    public async Task ReadMotionAsync_ServerErrorAboutOneRequest_ReachesItsReaderAndLeavesTheOthers()
    {
        await using Session session = await Session.OpenAsync(async socket =>
        {
            await socket.SendErrorAsync(0, "driven server request failed", "r");
            await socket.SendAsync(Motion.Of("other", 1));
            await socket.CloseAsync(4503);
        });

        List<MotionMessage> read = [];
        MotionServerException report = await session.Request.ReadAll().Failure();
        MotionServerException end = await session.Other.ReadInto(read).Failure();

        Assert.Equal((Code.UpstreamError, "r", null), (report.Code, report.RequestId, report.CloseCode));
        Assert.Equal("other", Assert.Single(read).RequestId);
        // The report told its own cause and another request went on, so the close is a failure of its own.
        Assert.Equal((Code.UpstreamError, 4503), (end.Code, end.CloseCode));
    }

    [Fact]
    public async Task ReadMotionAsync_CloseFrameWithoutACode_IsAFaultOfTheNetwork()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        server.OnUpgrade = async context =>
        {
            ScriptedUpgrade.Answer(context);
            Stream frames = await ScriptedUpgrade.CompleteAsync(context);
            await frames.WriteAsync(ScriptedFrames.Confirm("c"));
            await frames.WriteAsync(ScriptedFrames.EmptyClose());
            await frames.ReadAtLeastAsync(new byte[1024], 1024, throwOnEndOfStream: false);
        };
        await using MotionServerClient client = server.Client();
        await using IMotionConnection connection = await client.ConnectAsync("avatar", new MotionAudioFormat(16000)).DefaultTimeout();

        MotionServerException failure = await connection.Completion.Failure();
        Assert.Equal((Code.ConnectionClosed, MotionServerRetry.Backoff, null), (failure.Code, failure.Retry, failure.CloseCode));
        Assert.Contains("without a code", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadMotionAsync_NormalCloseWhoseReasonEndsLikeAnEmptyClose_IsANormalEnd()
    {
        await using Session session = await Session.OpenAsync(socket => socket.CloseAsync(1000, "\u0088\0"));

        await session.Connection.Completion.DefaultTimeout();
    }
}
