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
    public async Task SendAsync_ConcurrentCallers_KeepTheOrderOfTheirCalls()
    {
        const int Count = 2000;
        TaskCompletionSource<List<Message>> received = new();
        await using Session session = await Session.OpenAsync(async socket => received.SetResult(await socket.ReadToCloseAsync()));

        Task[] sends = new Task[Count];
        for (int i = 0; i < Count; i++)
        {
            byte[] audio = [(byte)i, (byte)(i >> 8), .. new byte[2000]];
            sends[i] = session.Request.SendAsync(audio).AsTask();
        }

        Task ending = session.Request.EndAsync().AsTask();
        await Task.WhenAll([.. sends, ending]).DefaultTimeout();
        await session.Connection.CloseAsync().DefaultTimeout();

        List<Message> messages = await received.Task.DefaultTimeout();
        Assert.Equal(Enumerable.Range(0, Count), messages.SkipLast(1).Select(message => message.ClientAudioInput.Audio[0] | message.ClientAudioInput.Audio[1] << 8));
        Assert.Equal([Count], messages.Index().Where(message => message.Item.ClientAudioInput.End).Select(message => message.Index));
    }

    [Fact]
    public async Task SendAsync_AClipOfTwentySecondsAt48Kilohertz_IsCutIntoMessagesThatAnyPeerTakes()
    {
        byte[] audio = [.. Enumerable.Range(0, 20 * 48000 * 2).Select(i => (byte)(i * 7))];
        List<Message> messages = await RecordAsync(request => request.SayAsync(audio));

        Assert.All(messages, message => Assert.InRange(message.CalculateSize(), 1, 1024 * 1024));
        Assert.Equal(audio, messages.SelectMany(message => message.ClientAudioInput.Audio));
        Assert.Equal([messages[^1]], messages.Where(message => message.ClientAudioInput.End));
    }

    [Fact]
    public async Task EndAsync_AfterAudio_IsAnEmptyLastMessage()
    {
        List<Message> messages = await RecordAsync(request => request.SayAsync(new byte[2]));

        Message message = messages[^1];
        Assert.Equal(2, messages.Count);
        Assert.Equal((MessageType.MessageClientAudioInput, "r", true, 0), (message.Type, message.ClientAudioInput.ReqId, message.ClientAudioInput.End, message.ClientAudioInput.Audio.Length));
    }

    [Fact]
    public async Task Controls_EachKind_CarryTheRequest()
    {
        List<Message> messages = await RecordAsync(
            async request =>
            {
                await request.SendAsync(new byte[2]);
                await request.PauseAsync();
                await request.ResumeAsync();
                await request.InterruptAsync();
            },
            hasEgress: true,
            capabilities: MotionCapabilities.PlaybackControl);

        Assert.Equal(
            [
                new Message { Type = MessageType.MessageClientPause, ClientPause = new ClientPause { ReqId = "r" } },
                new Message { Type = MessageType.MessageClientResume, ClientResume = new ClientResume { ReqId = "r" } },
                new Message { Type = MessageType.MessageClientInterrupt, ClientInterrupt = new ClientInterrupt { ReqId = "r" } },
            ],
            messages.Skip(1));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SendAsync_TraceContext_TravelsOnARequestsFirstMessageOnly(bool propagate)
    {
        using Activity activity = new Activity("test").SetIdFormat(ActivityIdFormat.W3C).Start();
        activity.TraceStateString = "vendor=1";
        List<Message> messages = await RecordAsync(
            async request =>
            {
                await request.SendAsync(new byte[2]);
                await request.SayAsync(new byte[2]);
            },
            options => options.PropagateTraceContext = propagate);

        TraceContext? trace = propagate ? new TraceContext { Traceparent = activity.Id, Tracestate = "vendor=1" } : null;
        Assert.Equal([trace, null, null], messages.Select(message => message.ClientAudioInput.TraceContext));
    }

    [Fact]
    public async Task SendAsync_CancelledBefore_SendsNothing()
    {
        List<Message> messages = await RecordAsync(async request =>
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request.SendAsync(new byte[2], new CancellationToken(true)).AsTask());
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request.EndAsync(new CancellationToken(true)).AsTask());
        });

        Assert.Empty(messages);
    }

    [Fact]
    public async Task SendAsync_PeerThatTakesNothing_EndsTheConnectionWithinTheLimit()
    {
        await using Session session = await Session.OpenAsync(socket => socket.StallAsync(), options => options.SendTimeout = TimeSpan.FromMilliseconds(100));

        MotionServerException failure = await SendUntilItFailsAsync(session.Request).Failure();

        Assert.Equal((Code.ConnectionClosed, MotionServerPhase.WebSocketSend, true), (failure.Code, failure.Phase, failure.IsRetryable));
        Assert.Contains("0.1 seconds", failure.Message, StringComparison.Ordinal);
        Assert.Same(failure.InnerException, await session.Connection.Completion.Failure());
        Assert.Same(failure.InnerException, await session.Request.ReadAll().Failure());
    }

    [Fact]
    public async Task SendAsync_CancelledInTheQueue_LeavesTheConnection()
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
        List<Task> sends = [.. Enumerable.Range(0, 200).Select(_ => session.Request.SendAsync(chunk).AsTask())];
        Assert.False(sends[^1].IsCompleted);
        using CancellationTokenSource cancel = new();
        Task cancelled = session.Connection.StartRequest("cancelled").SendAsync(new byte[2], cancel.Token).AsTask();
        Task after = session.Connection.StartRequest("after").SendAsync(new byte[2]).AsTask();
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
    public async Task SendAsync_AfterAReset_SaysWhyTheConnectionEnded()
    {
        await using Session session = await Session.OpenAsync(async socket =>
        {
            await socket.ReceiveAsync();
            socket.Reset();
        });

        MotionServerException failure = await SendUntilItFailsAsync(session.Request).Failure();

        Assert.Equal((Code.ConnectionClosed, MotionServerPhase.WebSocketSend, "r"), (failure.Code, failure.Phase, failure.RequestId));
        Assert.IsType<MotionServerException>(failure.InnerException);
    }

    [Fact]
    public async Task SendAsync_AfterANormalEnd_IsConnectionClosed()
    {
        await using Session session = await Session.OpenAsync(socket => socket.CloseAsync(1000));
        await session.Connection.Completion.DefaultTimeout();

        MotionServerException failure = await session.Request.SendAsync(new byte[2]).AsTask().Failure();

        Assert.Equal((Code.ConnectionClosed, MotionServerPhase.WebSocketSend, ScriptedServer.ConnectionId), (failure.Code, failure.Phase, failure.ConnectionId));
    }

    [Fact]
    public async Task CloseAsync_WhileSendsAreStuck_IsBoundedAndEndsThem()
    {
        await using Session session = await Session.OpenAsync(socket => socket.StallAsync(), options => options.CloseTimeout = TimeSpan.FromSeconds(3));
        Task sending = SendUntilItFailsAsync(session.Request);

        await Task.WhenAll(session.Connection.CloseAsync(), session.Connection.CloseAsync(), session.Connection.DisposeAsync().AsTask()).DefaultTimeout();

        MotionServerException failure = await sending.Failure();
        Assert.Equal((Code.ConnectionClosed, MotionServerPhase.WebSocketSend), (failure.Code, failure.Phase));
        Assert.True(session.Connection.Completion.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task CloseAsync_PeerThatNeverAnswers_IsCutShortByTheLimitOrTheToken()
    {
        await using Session limited = await Session.OpenAsync(socket => socket.StallAsync(), options => options.CloseTimeout = TimeSpan.FromSeconds(3));
        await limited.Connection.CloseAsync().DefaultTimeout();
        Assert.True(limited.Connection.Completion.IsCompletedSuccessfully);

        await using Session cancelled = await Session.OpenAsync(socket => socket.StallAsync(), options => options.CloseTimeout = TimeSpan.FromMinutes(5));
        await cancelled.Connection.CloseAsync(new CancellationToken(true)).DefaultTimeout();
        Assert.True(cancelled.Connection.Completion.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task CloseAsync_WhileReading_TellsTheReaderAndSaysNormalClosure()
    {
        TaskCompletionSource<WebSocketCloseStatus?> status = new();
        await using Session session = await Session.OpenAsync(async socket =>
        {
            await socket.SendAsync(Motion.Of("r", 1));
            await socket.ReadToCloseAsync();
            status.SetResult(socket.Socket.CloseStatus);
        });
        await using IAsyncEnumerator<MotionMessage> reader = session.Request.ReadMotionAsync().GetAsyncEnumerator();
        Assert.True(await reader.MoveNextAsync().AsTask().DefaultTimeout());
        Task<bool> next = reader.MoveNextAsync().AsTask();

        await session.Connection.CloseAsync().DefaultTimeout();
        await session.Connection.CloseAsync().DefaultTimeout();

        Assert.Equal((Code.ConnectionClosed, "r"), await next.Failure() is var early ? (early.Code, early.RequestId) : default);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, await status.Task.DefaultTimeout());
        Assert.Throws<MotionServerException>(() => session.Connection.StartRequest());
        await Assert.ThrowsAsync<MotionServerException>(() => session.Request.InterruptAsync().AsTask());
    }

    private static async Task SendUntilItFailsAsync(IMotionRequest request)
    {
        byte[] audio = new byte[100_000];
        while (true)
        {
            await request.SendAsync(audio);
        }
    }

    private static async Task<List<Message>> RecordAsync(
        Func<IMotionRequest, Task> send, Action<MotionServerOptions>? change = null, bool hasEgress = false, params string[] capabilities)
    {
        TaskCompletionSource<List<Message>> received = new();
        MotionConnectionOptions options = new("avatar", new MotionAudioFormat(16000)) { Egress = hasEgress ? new AgoraEgress("channel", "publisher") : null };
        await using Session session = await Session.OpenAsync(async socket => received.SetResult(await socket.ReadToCloseAsync()), change, options: options, capabilities: capabilities);
        await send(session.Request);
        await session.Connection.CloseAsync().DefaultTimeout();
        return await received.Task.DefaultTimeout();
    }
}
