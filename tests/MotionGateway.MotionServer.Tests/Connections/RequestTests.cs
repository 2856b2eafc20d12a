using MotionGateway.Messages.DrivenIngress.V2;
using MotionGateway.MotionServer.Tests.Scripted;
using MotionGateway.Testing;
using Code = MotionGateway.MotionServer.MotionServerErrorCode;

namespace MotionGateway.MotionServer.Tests.Connections;

/// <summary>What the handle of a request promises.</summary>
public sealed class RequestTests
{
    [Fact]
    public async Task ReadMotionAsync_TwoRequestsOnOneConnection_EachGetsItsOwnMotionAndEndsByItself()
    {
        await using Session session = await Session.OpenAsync(async socket =>
        {
            await socket.SendAsync(Motion.Of("r", 1));
            await socket.SendAsync(Motion.Of("other", 2));
            await socket.SendAsync(Motion.Of("r", 3, end: true));
            await socket.SendAsync(Motion.Of("nobody's", 4, end: true));
            await socket.SendAsync(Motion.Of("other", 5, end: true));
            await socket.SendAsync(Motion.Of("r", 6));
            await socket.ReadToCloseAsync();
        });

        List<MotionMessage>[] motion = await Task.WhenAll(session.Request.ReadAll(), session.Other.ReadAll()).DefaultTimeout();

        Assert.Equal([1, 3], motion[0].Select(message => message.KeyframeCount));
        Assert.Equal([2, 5], motion[1].Select(message => message.KeyframeCount));
        // Whoever reads again finds nothing more.
        Assert.Empty(await session.Request.ReadAll().DefaultTimeout());
    }

    [Fact]
    public async Task StartRequest_Ids_AreMadeOrGivenAndNeverUsedTwice()
    {
        await using Session session = await Session.OpenAsync(socket => socket.ReadToCloseAsync());

        IMotionRequest made = session.Connection.StartRequest();

        Assert.Matches(@"^\d{14}_[A-Za-z0-9_-]{12}$", made.Id);
        Assert.NotEqual(made.Id, session.Connection.StartRequest().Id);
        Assert.Throws<InvalidOperationException>(() => session.Connection.StartRequest("r"));
        await session.Request.DisposeAsync();
        Assert.Throws<InvalidOperationException>(() => session.Connection.StartRequest("r"));
        Assert.Throws<ArgumentException>(() => session.Connection.StartRequest(""));
    }

    [Fact]
    public async Task SendAsync_CutWithinSamples_CarriesTheHalfOver()
    {
        byte[] audio = [.. Enumerable.Range(0, 1000).Select(i => (byte)(i * 7))];
        List<Message> messages = await RecordAsync(async request =>
        {
            await request.SendAsync(audio.AsMemory(0, 1));
            await request.SendAsync(audio.AsMemory(1, 2));
            await request.SendAsync(audio.AsMemory(3, 997));
            // A stray byte at the end belongs to no sample.
            await request.SendAsync(new byte[] { 42 });
            await request.EndAsync();
        });

        Assert.Equal(audio, messages.SelectMany(message => message.ClientAudioInput.Audio));
        Assert.All(messages, message => Assert.Equal(0, message.ClientAudioInput.Audio.Length % 2));
        Assert.Equal([messages[^1]], messages.Where(message => message.ClientAudioInput.End));
    }

    [Fact]
    public async Task SendAsync_MemoryUsedAnewAfterwards_WasCopied()
    {
        List<Message> messages = await RecordAsync(async request =>
        {
            byte[] buffer = [1, 2, 3];
            await request.SendAsync(buffer);
            buffer.AsSpan().Fill(9);
            await request.SendAsync(new byte[] { 4 });
        });

        Assert.Equal([1, 2, 3, 4], messages.SelectMany(message => message.ClientAudioInput.Audio));
    }

    [Fact]
    public async Task EndAsync_Twice_IsSentOnceAndAudioAfterItIsRefused()
    {
        List<Message> messages = await RecordAsync(async request =>
        {
            await request.SendAsync(new byte[2]);
            Task[] ends = [request.EndAsync().AsTask(), request.EndAsync().AsTask()];
            await Assert.ThrowsAsync<InvalidOperationException>(() => request.SendAsync(new byte[2]).AsTask());
            await Task.WhenAll(ends);
            await request.EndAsync();
        });

        Assert.Equal([false, true], messages.Select(message => message.ClientAudioInput.End));
    }

    [Fact]
    public async Task EndAsync_WithoutAudio_SendsNothingAndEndsTheReader()
    {
        List<Message> messages = await RecordAsync(async request =>
        {
            await request.SendAsync(ReadOnlyMemory<byte>.Empty);
            await request.EndAsync();
            Assert.Empty(await request.ReadAll().DefaultTimeout());
            await Assert.ThrowsAsync<InvalidOperationException>(() => request.SendAsync(new byte[2]).AsTask());
            await request.InterruptAsync();
            await request.DisposeAsync();
        });

        Assert.Empty(messages);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task InterruptAsync_UnderWayOrAfterTheEnd_TellsTheServerOnceAndEndsTheReader(bool afterTheEnd)
    {
        TaskCompletionSource<List<Message>> received = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using Session session = await Session.OpenAsync(async socket =>
        {
            await socket.SendAsync(Motion.Of("r", 1));
            List<Message> messages = [];
            while (messages.LastOrDefault()?.ClientInterrupt is null)
            {
                messages.Add((await socket.ReceiveAsync())!);
            }

            await socket.SendAsync(Motion.Of("r", 2, end: true));
            await socket.SendAsync(Motion.Of("other", 3, end: true));
            messages.AddRange(await socket.ReadToCloseAsync());
            received.SetResult(messages);
        });
        await using IAsyncEnumerator<MotionMessage> reader = session.Request.ReadMotionAsync().GetAsyncEnumerator();
        Assert.True(await reader.MoveNextAsync().AsTask().DefaultTimeout());
        Task<bool> reading = reader.MoveNextAsync().AsTask();
        await session.Request.SendAsync(new byte[2]);
        if (afterTheEnd)
        {
            await session.Request.EndAsync();
        }

        await session.Request.InterruptAsync();
        Assert.False(await reading.DefaultTimeout());
        await session.Request.InterruptAsync();
        await session.Request.EndAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => session.Request.SendAsync(new byte[2]).AsTask());
        Assert.Equal(3, Assert.Single(await session.Other.ReadAll().DefaultTimeout()).KeyframeCount);
        Assert.Empty(await session.Request.ReadAll().DefaultTimeout());
        await session.Connection.CloseAsync().DefaultTimeout();

        Assert.Equal(
            afterTheEnd
                ? [MessageType.MessageClientAudioInput, MessageType.MessageClientAudioInput, MessageType.MessageClientInterrupt]
                : [MessageType.MessageClientAudioInput, MessageType.MessageClientInterrupt],
            (await received.Task.DefaultTimeout()).Select(message => message.Type));
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 1)]
    public async Task InterruptAsync_ServerThatRefusesInterrupts_IsSentAnEndUnlessItHasOne(bool afterTheEnd, int ends)
    {
        List<Message> messages = await RecordAsync(
            async request =>
            {
                await request.SendAsync(new byte[2]);
                await (afterTheEnd ? request.EndAsync().AsTask() : Task.CompletedTask);
                await request.InterruptAsync();
                await request.DisposeAsync();
            },
            options => options.EndInsteadOfInterrupt = true);

        Assert.DoesNotContain(messages, message => message.ClientInterrupt is not null);
        Assert.Equal(ends, messages.Count(message => message.ClientAudioInput is { End: true, Audio.Length: 0 }));
    }

    [Fact]
    public async Task DisposeAsync_Unfinished_InterruptsAndAFinishedOneIsLeft()
    {
        TaskCompletionSource<List<Message>> received = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using Session session = await Session.OpenAsync(async socket =>
        {
            await socket.SendAsync(Motion.Of("r", 1, end: true));
            received.SetResult(await socket.ReadToCloseAsync());
        });
        await session.Request.SendAsync(new byte[2]);
        await session.Request.ReadAll().DefaultTimeout();
        await session.Other.SayAsync(new byte[2]);
        IMotionRequest unbegun = session.Connection.StartRequest("unbegun");

        foreach (IMotionRequest request in new[] { session.Request, session.Other, session.Other, unbegun })
        {
            await request.DisposeAsync().AsTask().DefaultTimeout();
        }

        await session.Connection.CloseAsync().DefaultTimeout();
        Assert.Equal(["other"], (await received.Task.DefaultTimeout()).Where(message => message.ClientInterrupt is not null).Select(message => message.ClientInterrupt.ReqId));
        await session.Other.DisposeAsync();
    }

    [Fact]
    public async Task DisposeAsync_PeerThatTakesNothing_IsQuickAndThrowsNothing()
    {
        ObservedTimeProvider time = new();
        await using Session session = await Session.OpenAsync(socket => socket.StallAsync(), time: time);
        // More than the buffers on the way hold.
        Task[] sending = [.. Enumerable.Range(0, 200).Select(_ => session.Request.SendAsync(new byte[256 * 1024]).AsTask())];

        Task disposing = session.Request.DisposeAsync().AsTask();
        await time.WaitForTimerAsync(time.GetUtcNow() + TimeSpan.FromSeconds(2));
        time.Advance(TimeSpan.FromSeconds(2));
        await disposing.DefaultTimeout();

        Assert.False(session.Connection.Completion.IsCompleted);
        await session.Connection.CloseAsync(new CancellationToken(true)).DefaultTimeout();
        await Task.WhenAll(sending).Failure();
    }

    [Fact]
    public async Task ReadMotionAsync_NormalCloseBeforeTheEnd_IsAFailure()
    {
        await using Session session = await Session.OpenAsync(async socket =>
        {
            await socket.SendAsync(Motion.Of("r", 1));
            await socket.SendAsync(Motion.Of("other", 1, end: true));
            await socket.CloseAsync(1000);
        });
        List<MotionMessage> read = [];

        MotionServerException failure = await session.Request.ReadInto(read).Failure();

        Assert.Equal((Code.ConnectionClosed, MotionServerPhase.WebSocketRuntime, "r"), (failure.Code, failure.Phase, failure.RequestId));
        Assert.Single(read);
        Assert.Single(await session.Other.ReadAll().DefaultTimeout());
        await session.Connection.Completion.DefaultTimeout();
    }

    [Fact]
    public async Task ReadMotionAsync_ReportThatNamesNoRequest_ReachesAllUnderWay()
    {
        await using Session session = await Session.OpenAsync(async socket =>
        {
            await socket.SendErrorAsync(0, "driven server request failed");
            await socket.ReadToCloseAsync();
        });

        MotionServerException failure = await session.Request.ReadAll().Failure();

        Assert.Equal((Code.UpstreamError, MotionServerRetry.Backoff, null), (failure.Code, failure.Retry, failure.RequestId));
        Assert.Same(failure, await session.Other.ReadAll().Failure());
        Assert.False(session.Connection.Completion.IsCompleted);
    }

    [Fact]
    public async Task ReceiveBufferBytes_UnreadMotionOfSeveralRequests_IsBoundedTogether()
    {
        TaskCompletionSource goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using Session session = await Session.OpenAsync(
            async socket =>
            {
                await goOn.Task;
                for (int i = 0; i < 100; i++)
                {
                    await socket.SendAsync(Motion.Of($"r{i % 10}", 20));
                }

                await socket.StallAsync();
            },
            options => options.ReceiveBufferBytes = 64 * 1024);
        IMotionRequest[] requests = [.. Enumerable.Range(0, 10).Select(i => session.Connection.StartRequest($"r{i}"))];
        goOn.SetResult();

        MotionServerException failure = await session.Connection.Completion.Failure();

        Assert.Equal(Code.ReaderTooSlow, failure.Code);
        foreach (IMotionRequest request in requests)
        {
            Assert.Same(failure, await request.ReadAll().Failure());
        }
    }

    private static async Task<List<Message>> RecordAsync(Func<IMotionRequest, Task> send, Action<MotionServerOptions>? change = null)
    {
        TaskCompletionSource<List<Message>> received = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using Session session = await Session.OpenAsync(async socket => received.SetResult(await socket.ReadToCloseAsync()), change);
        await send(session.Request);
        await session.Connection.CloseAsync().DefaultTimeout();
        return await received.Task.DefaultTimeout();
    }
}
