using System.Net.WebSockets;
using Google.Protobuf;
using MotionGateway.Messages.DrivenIngress.V2;
using MotionGateway.MotionServer.Tests.Scripted;
using MotionGateway.Testing;
using Code = MotionGateway.MotionServer.MotionServerErrorCode;

namespace MotionGateway.MotionServer.Tests.Connections;

public sealed class ReceivingTests
{
    [Fact]
    public async Task ReadMotionAsync_Envelopes_ArriveByteForByteInOrder()
    {
        byte[][] envelopes =
        [
            Motion.Of("r", 50, avatarId: "avatar").ToByteArray(),
            Motion.WithUnknownFields(Motion.Of("r", 100)),
            Motion.Of("r", 0, end: true).ToByteArray(),
        ];
        await using Session session = await Session.OpenAsync(async socket =>
        {
            foreach (byte[] envelope in envelopes)
            {
                await socket.SendRawAsync(envelope);
            }

            await socket.CloseAsync(1000);
        });

        List<MotionMessage> messages = await session.Request.ReadAll().DefaultTimeout();

        Assert.Equal(envelopes, messages.Select(message => message.Envelope.ToArray()));
        Assert.Equal([50, 100, 0], messages.Select(message => message.KeyframeCount));
        Assert.Equal([false, false, true], messages.Select(message => message.End));
        await session.Connection.Completion.DefaultTimeout();
    }

    [Fact]
    public async Task ReadMotionAsync_FragmentedMessage_IsAssembled()
    {
        byte[] envelope = Motion.Of("r", 200, end: true).ToByteArray();
        await using Session session = await Session.OpenAsync(async socket =>
        {
            foreach (byte[] part in envelope.Chunk(7001))
            {
                await socket.SendRawAsync(part, endOfMessage: false);
            }

            await socket.SendRawAsync([]);
            await socket.CloseAsync(1001);
        });

        MotionMessage message = Assert.Single(await session.Request.ReadAll().DefaultTimeout());

        Assert.Equal(envelope, message.Envelope.ToArray());
    }

    [Fact]
    public async Task ReadMotionAsync_TextUnknownAndMalformedMessages_AreSkipped()
    {
        RecordingLogs logs = new();
        await using Session session = await Session.OpenAsync(
            async socket =>
            {
                await socket.SendRawAsync("text"u8.ToArray(), WebSocketMessageType.Text);
                await socket.SendRawAsync([0xFF, 0xFF]);
                await socket.SendRawAsync([.. Motion.Of("r", 1).ToByteArray()[..^1]]);
                await socket.SendAsync(new Message { Type = (MessageType)42 });
                await socket.SendAsync(new Message { Type = MessageType.MessageServerPlaybackState, ServerPlaybackState = new ServerPlaybackState { ReqId = "r" } });
                await socket.SendAsync(Motion.Of("r", 2, end: true));
                await socket.CloseAsync(1000);
            },
            logs: logs);

        MotionMessage message = Assert.Single(await session.Request.ReadAll().DefaultTimeout());

        Assert.Equal(2, message.KeyframeCount);
        Assert.Equal(2, logs.Entries.Count(entry => entry.Text.Contains("does not parse", StringComparison.Ordinal)));
        Assert.Equal(2, session.Connection.UnreadableMessages);
    }

    [Fact]
    public async Task ReadMotionAsync_OversizedMessage_IsAProtocolErrorAndCloses()
    {
        await using Session session = await Session.OpenAsync(
            async socket =>
            {
                await socket.SendAsync(Motion.Of("r", 1));
                await socket.SendRawAsync(new byte[3000], endOfMessage: false);
                Assert.Null(await socket.ReceiveAsync());
                Assert.Equal(WebSocketCloseStatus.ProtocolError, socket.Socket.CloseStatus);
            },
            options => options.MaxMessageBytes = 2048);
        List<MotionMessage> read = [];

        MotionServerException failure = await session.Request.ReadInto(read).Failure();

        Assert.Equal((Code.ProtocolError, MotionServerPhase.WebSocketRuntime), (failure.Code, failure.Phase));
        Assert.Single(read);
        await session.Server.ScriptEnded.Task.DefaultTimeout();
    }

    [Fact]
    public async Task ReadMotionAsync_MessageLargerThanTheBound_ReachesAReaderThatIsNotBehind()
    {
        await using Session session = await Session.OpenAsync(
            async socket =>
            {
                await socket.SendAsync(Motion.Of("r", 400));
                await socket.ReadToCloseAsync();
            },
            options => options.ReceiveBufferBytes = 64 * 1024);
        await using IAsyncEnumerator<MotionMessage> reader = session.Request.ReadMotionAsync().GetAsyncEnumerator();

        Assert.True(await reader.MoveNextAsync().AsTask().DefaultTimeout());
        Assert.InRange(reader.Current.Envelope.Length, 100_000, 1_000_000);
        Assert.False(session.Connection.Completion.IsCompleted);
    }

    [Fact]
    public async Task ReadMotionAsync_ReaderThatStops_LosesTheConnectionAfterTheBound()
    {
        const int Bound = 64 * 1024;
        await using Session session = await Session.OpenAsync(
            async socket =>
            {
                byte[] envelope = Motion.Of("r", 20).ToByteArray();
                for (int i = 0; i < 100; i++)
                {
                    await socket.SendRawAsync(envelope);
                }

                await socket.StallAsync();
            },
            options => options.ReceiveBufferBytes = Bound);

        MotionServerException completion = await session.Connection.Completion.Failure();
        List<MotionMessage> read = [];
        MotionServerException failure = await session.Request.ReadInto(read).Failure();

        Assert.Equal(
            (Code.ReaderTooSlow, MotionServerPhase.WebSocketRuntime, MotionServerRetry.Never), (failure.Code, failure.Phase, failure.Retry));
        Assert.Contains("not read", failure.Message, StringComparison.Ordinal);
        Assert.Same(completion, failure);
        // Counted are the buffers, which are at most about twice as long as what is in them.
        Assert.InRange(read.Sum(message => message.Envelope.Length), Bound / 3, Bound);
    }

    [Fact]
    public async Task ReadMotionAsync_EmptyMessagesThatNobodyReads_AreBoundedToo()
    {
        const int Bound = 64 * 1024;
        await using Session session = await Session.OpenAsync(
            async socket =>
            {
                byte[] envelope = Motion.Of("r", 0).ToByteArray();
                for (int i = 0; i < 2000; i++)
                {
                    await socket.SendRawAsync(envelope);
                }

                await socket.StallAsync();
            },
            options => options.ReceiveBufferBytes = Bound);

        await session.Connection.Completion.Failure();
        List<MotionMessage> read = [];
        MotionServerException failure = await session.Request.ReadInto(read).Failure();

        Assert.Equal(Code.ReaderTooSlow, failure.Code);
        Assert.InRange(read.Count, 1, Bound / 256);
    }

    [Fact]
    public async Task ReadMotionAsync_SecondReader_IsRefusedAndACancelledOneCanReadAgain()
    {
        await using Session session = await Session.OpenAsync(async socket => await socket.ReadToCloseAsync());
        using CancellationTokenSource cancel = new();
        await using IAsyncEnumerator<MotionMessage> first = session.Request.ReadMotionAsync(cancel.Token).GetAsyncEnumerator(CancellationToken.None);
        Task<bool> waiting = first.MoveNextAsync().AsTask();

        await Assert.ThrowsAsync<InvalidOperationException>(() => session.Request.ReadAll().DefaultTimeout());
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.DefaultTimeout());

        Task<List<MotionMessage>> again = session.Request.ReadAll();
        await session.Connection.CloseAsync().DefaultTimeout();
        Assert.Equal(Code.ConnectionClosed, (await again.Failure()).Code);
    }
}
