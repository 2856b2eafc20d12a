using System.Diagnostics;
using System.Net.WebSockets;
using MotionGateway.Messages.DrivenIngress.V2;
using MotionGateway.MotionServer.Tests.Scripted;
using MotionGateway.Testing;
using Code = MotionGateway.MotionServer.MotionServerErrorCode;

namespace MotionGateway.MotionServer.Tests.Connections;

public sealed class SendingTests
{
    [Fact]
    public async Task SendAudioAsync_ConcurrentCallers_KeepTheOrderOfTheirCalls()
    {
        const int Count = 2000;
        TaskCompletionSource<List<Message>> received = new();
        await using Session session = await Session.OpenAsync(async socket => received.SetResult(await socket.ReadToCloseAsync()));

        Task[] sends = new Task[Count];
        for (int i = 0; i < Count; i++)
        {
            byte[] audio = [(byte)i, (byte)(i >> 8), .. new byte[2000]];
            sends[i] = session.Connection.SendAudioAsync("r", audio, isLast: i == Count - 1).AsTask();
        }

        await Task.WhenAll(sends).DefaultTimeout();
        await session.Connection.CloseAsync().DefaultTimeout();

        List<Message> messages = await received.Task.DefaultTimeout();
        Assert.Equal(Enumerable.Range(0, Count), messages.Select(message => message.ClientAudioInput.Audio[0] | message.ClientAudioInput.Audio[1] << 8));
        Assert.Equal([Count - 1], messages.Index().Where(message => message.Item.ClientAudioInput.End).Select(message => message.Index));
    }

    [Fact]
    public async Task SendAudioAsync_MoreThanAPeerTakesAtOnce_IsCutIntoMessages()
    {
        byte[] audio = [.. Enumerable.Range(0, 2 * Outbox.MaxAudioBytesPerMessage + 10).Select(i => (byte)(i * 7))];
        List<Message> messages = await RecordAsync(connection => connection.SendAudioAsync("r", audio, isLast: true));

        Assert.Equal(3, messages.Count);
        Assert.Equal(audio, messages.SelectMany(message => message.ClientAudioInput.Audio));
        Assert.Equal([false, false, true], messages.Select(message => message.ClientAudioInput.End));
    }

    [Fact]
    public async Task SendAudioAsync_EmptyLastChunk_IsSent()
    {
        List<Message> messages = await RecordAsync(connection => connection.SendAudioAsync("r", ReadOnlyMemory<byte>.Empty, isLast: true));

        Message message = Assert.Single(messages);
        Assert.Equal((MessageType.MessageClientAudioInput, "r", true, 0), (message.Type, message.ClientAudioInput.ReqId, message.ClientAudioInput.End, message.ClientAudioInput.Audio.Length));
    }

    [Fact]
    public async Task Controls_EachKind_CarryTheRequest()
    {
        List<Message> messages = await RecordAsync(async connection =>
        {
            await connection.InterruptAsync("a");
            await connection.PauseAsync("b");
            await connection.ResumeAsync("c");
        }, capabilities: MotionCapabilities.PlaybackControl);

        Assert.Equal(
            [
                new Message { Type = MessageType.MessageClientInterrupt, ClientInterrupt = new ClientInterrupt { ReqId = "a" } },
                new Message { Type = MessageType.MessageClientPause, ClientPause = new ClientPause { ReqId = "b" } },
                new Message { Type = MessageType.MessageClientResume, ClientResume = new ClientResume { ReqId = "c" } },
            ],
            messages);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SendAudioAsync_TraceContext_TravelsOnARequestsFirstMessageOnly(bool propagate)
    {
        using Activity activity = new Activity("test").SetIdFormat(ActivityIdFormat.W3C).Start();
        activity.TraceStateString = "vendor=1";
        List<Message> messages = await RecordAsync(
            async connection =>
            {
                await connection.SendAudioAsync("a", new byte[2], false);
                await connection.SendAudioAsync("a", new byte[2], true);
                await connection.SendAudioAsync("b", new byte[2], true);
            },
            options => options.PropagateTraceContext = propagate);

        TraceContext? trace = propagate ? new TraceContext { Traceparent = activity.Id, Tracestate = "vendor=1" } : null;
        Assert.Equal([trace, null, trace], messages.Select(message => message.ClientAudioInput.TraceContext));
    }

    [Fact]
    public async Task SendAudioAsync_WrongArguments_AreRefusedBeforeAnythingIsSent()
    {
        List<Message> messages = await RecordAsync(async connection =>
        {
            await Assert.ThrowsAsync<ArgumentException>(() => connection.SendAudioAsync("", new byte[2], false).AsTask());
            await Assert.ThrowsAsync<ArgumentException>(() => connection.SendAudioAsync("r", new byte[3], false).AsTask());
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connection.SendAudioAsync("r", new byte[2], false, new CancellationToken(true)).AsTask());
        });

        Assert.Empty(messages);
    }

    [Fact]
    public async Task SendAudioAsync_PeerThatTakesNothing_EndsTheConnectionWithinTheLimit()
    {
        await using Session session = await Session.OpenAsync(socket => socket.StallAsync(), options => options.SendTimeout = TimeSpan.FromMilliseconds(100));

        MotionServerException failure = await SendUntilItFailsAsync(session.Connection).Failure();

        Assert.Equal((Code.ConnectionClosed, MotionServerPhase.WebSocketSend, true), (failure.Code, failure.Phase, failure.IsRetryable));
        Assert.Contains("0.1 seconds", failure.Message, StringComparison.Ordinal);
        Assert.Same(failure.InnerException, await session.Connection.Completion.Failure());
        Assert.Same(failure.InnerException, await session.Connection.ReadAll().Failure());
    }

    [Fact]
    public async Task SendAudioAsync_CancelledInTheQueue_LeavesTheConnection()
    {
        TaskCompletionSource goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource<List<Message>> received = new();
        await using Session session = await Session.OpenAsync(async socket =>
        {
            await goOn.Task;
            received.SetResult(await socket.ReadToCloseAsync());
        });
        // More than the buffers on the way hold: one waits in the socket, and the others behind it.
        byte[] chunk = new byte[256 * 1024];
        List<Task> sends = [.. Enumerable.Range(0, 200).Select(_ => session.Connection.SendAudioAsync("r", chunk, false).AsTask())];
        Assert.False(sends[^1].IsCompleted);
        using CancellationTokenSource cancel = new();
        Task cancelled = session.Connection.SendAudioAsync("cancelled", new byte[2], false, cancel.Token).AsTask();
        Task after = session.Connection.SendAudioAsync("after", new byte[2], false).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.DefaultTimeout());
        goOn.SetResult();
        await Task.WhenAll([.. sends, after]).DefaultTimeout();
        await session.Connection.CloseAsync().DefaultTimeout();

        List<Message> messages = await received.Task.DefaultTimeout();
        Assert.Equal("after", messages[^1].ClientAudioInput.ReqId);
        Assert.DoesNotContain(messages, message => message.ClientAudioInput.ReqId == "cancelled");
        Assert.Equal(sends.Count + 1, messages.Count);
    }

    [Fact]
    public async Task SendAudioAsync_AfterAReset_SaysWhyTheConnectionEnded()
    {
        await using Session session = await Session.OpenAsync(async socket =>
        {
            await socket.ReceiveAsync();
            socket.Reset();
        });

        MotionServerException failure = await SendUntilItFailsAsync(session.Connection).Failure();

        Assert.Equal((Code.ConnectionClosed, MotionServerPhase.WebSocketSend, "r"), (failure.Code, failure.Phase, failure.RequestId));
        Assert.IsType<MotionServerException>(failure.InnerException);
    }

    [Fact]
    public async Task SendAudioAsync_AfterANormalEnd_IsConnectionClosed()
    {
        await using Session session = await Session.OpenAsync(socket => socket.CloseAsync(1000));
        await session.Connection.Completion.DefaultTimeout();

        MotionServerException failure = await session.Connection.SendAudioAsync("r", new byte[2], false).AsTask().Failure();

        Assert.Equal((Code.ConnectionClosed, MotionServerPhase.WebSocketSend, ScriptedServer.ConnectionId), (failure.Code, failure.Phase, failure.ConnectionId));
    }

    [Fact]
    public async Task CloseAsync_WhileSendsAreStuck_IsBoundedAndEndsThem()
    {
        await using Session session = await Session.OpenAsync(socket => socket.StallAsync(), options => options.StepTimeout = TimeSpan.FromSeconds(3));
        Task sending = SendUntilItFailsAsync(session.Connection);

        await Task.WhenAll(session.Connection.CloseAsync(), session.Connection.CloseAsync(), session.Connection.DisposeAsync().AsTask()).DefaultTimeout();

        MotionServerException failure = await sending.Failure();
        Assert.Equal((Code.ConnectionClosed, MotionServerPhase.WebSocketSend), (failure.Code, failure.Phase));
        Assert.True(session.Connection.Completion.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task CloseAsync_PeerThatNeverAnswers_IsCutShortByTheLimitOrTheToken()
    {
        await using Session limited = await Session.OpenAsync(socket => socket.StallAsync(), options => options.StepTimeout = TimeSpan.FromSeconds(3));
        await limited.Connection.CloseAsync().DefaultTimeout();
        Assert.True(limited.Connection.Completion.IsCompletedSuccessfully);

        await using Session cancelled = await Session.OpenAsync(socket => socket.StallAsync(), options => options.StepTimeout = TimeSpan.FromMinutes(5));
        await cancelled.Connection.CloseAsync(new CancellationToken(true)).DefaultTimeout();
        Assert.True(cancelled.Connection.Completion.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task CloseAsync_WhileReading_EndsTheReaderQuietlyAndSaysNormalClosure()
    {
        TaskCompletionSource<WebSocketCloseStatus?> status = new();
        await using Session session = await Session.OpenAsync(async socket =>
        {
            await socket.SendAsync(Motion.Of("r", 1));
            await socket.ReadToCloseAsync();
            status.SetResult(socket.Socket.CloseStatus);
        });
        await using IAsyncEnumerator<MotionMessage> reader = session.Connection.ReadMotionAsync().GetAsyncEnumerator();
        Assert.True(await reader.MoveNextAsync().AsTask().DefaultTimeout());
        Task<bool> next = reader.MoveNextAsync().AsTask();

        await session.Connection.CloseAsync().DefaultTimeout();
        await session.Connection.CloseAsync().DefaultTimeout();

        Assert.False(await next.DefaultTimeout());
        Assert.Equal(WebSocketCloseStatus.NormalClosure, await status.Task.DefaultTimeout());
        await Assert.ThrowsAsync<MotionServerException>(() => session.Connection.InterruptAsync("r").AsTask());
    }

    private static async Task SendUntilItFailsAsync(IMotionConnection connection)
    {
        byte[] audio = new byte[100_000];
        while (true)
        {
            await connection.SendAudioAsync("r", audio, false);
        }
    }

    private static async Task<List<Message>> RecordAsync(Func<IMotionConnection, ValueTask> send, Action<MotionServerOptions>? change = null, params string[] capabilities)
    {
        TaskCompletionSource<List<Message>> received = new();
        await using Session session = await Session.OpenAsync(async socket => received.SetResult(await socket.ReadToCloseAsync()), change, capabilities: capabilities);
        await send(session.Connection);
        await session.Connection.CloseAsync().DefaultTimeout();
        return await received.Task.DefaultTimeout();
    }
}
