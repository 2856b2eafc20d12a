using MotionGateway.MotionServer.Tests.Scripted;
using MotionGateway.Testing;
using Code = MotionGateway.MotionServer.MotionServerErrorCode;

namespace MotionGateway.MotionServer.Tests.Connections;

/// <summary>Motion that is due has a time limit, to the millisecond, in a time that only the test lets pass.</summary>
public sealed class MotionTimeoutTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(7);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);
    private static readonly byte[] Second = new byte[16000 * 2];

    private readonly ObservedTimeProvider _time = new();

    [Fact]
    public async Task ReadMotionAsync_MuteService_FailsWhenTheLimitHasPassedAndNotBefore()
    {
        await using Session session = await OpenAsync();
        Task<List<MotionMessage>> reading = session.Request.ReadAll();
        await session.Request.SendAsync(Second);
        _time.Advance(Limit);
        await session.Request.EndAsync();

        await PassAsync(Limit, reading);

        MotionServerException failure = await reading.Failure();
        Assert.Equal((Code.MotionTimeout, MotionServerPhase.WebSocketRuntime, MotionServerRetry.Backoff, "r"), (failure.Code, failure.Phase, failure.Retry, failure.RequestId));
        Assert.Equal("motionTimeout", failure.Code.ToStableName());
        Assert.Contains("7 seconds", failure.Message, StringComparison.Ordinal);
        // The connection stays, for whoever wants to go on waiting.
        Assert.False(session.Connection.Completion.IsCompleted);
        Task<List<MotionMessage>> again = session.Request.ReadAll();
        await PassAsync(Limit, again);
        Assert.Equal(Code.MotionTimeout, (await again.Failure()).Code);
    }

    [Fact]
    public async Task ReadMotionAsync_PauseWithinASegment_IsTheSpeakersAndNoFailure()
    {
        await using Session session = await OpenAsync();
        Task<List<MotionMessage>> reading = session.Request.ReadAll();
        for (int i = 0; i < 4; i++)
        {
            await session.Request.SendAsync(Second);
        }

        _time.Advance(TimeSpan.FromHours(1));
        Assert.False(reading.IsCompleted);
        await session.Request.SendAsync(new byte[2]);
        await PassAsync(Limit, reading);

        Assert.Equal(Code.MotionTimeout, (await reading.Failure()).Code);
    }

    [Fact]
    public async Task ReadMotionAsync_MotionOfAnotherRequest_IsProgress()
    {
        TaskCompletionSource goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using Session session = await Session.OpenAsync(
            async socket =>
            {
                await goOn.Task;
                await socket.SendAsync(Motion.Of("other", 1, end: true));
                await socket.ReadToCloseAsync();
            },
            options => options.MotionTimeout = Limit,
            time: _time);
        Task<List<MotionMessage>> reading = session.Request.ReadAll();
        await session.Request.SayAsync(Second);
        await _time.WaitForTimerAsync(_time.GetUtcNow() + Limit);
        _time.Advance(Limit - Tick);
        goOn.SetResult();
        await session.Other.ReadAll().DefaultTimeout();
        _time.Advance(Tick);
        Assert.False(reading.IsCompleted);

        await PassAsync(Limit - Tick, reading);

        Assert.Equal(Code.MotionTimeout, (await reading.Failure()).Code);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public async Task MotionTimeout_ZeroOrInfinite_WaitsForEver(int milliseconds)
    {
        await using Session session = await OpenAsync(TimeSpan.FromMilliseconds(milliseconds));
        Task<List<MotionMessage>> reading = session.Request.ReadAll();
        await session.Request.SayAsync(Second);

        _time.Advance(TimeSpan.FromDays(1));

        Assert.False(reading.IsCompleted);
        await session.Request.InterruptAsync();
        Assert.Empty(await reading.DefaultTimeout());
    }

    private Task<Session> OpenAsync(TimeSpan? limit = null) => Session.OpenAsync(
        socket => socket.ReadToCloseAsync(),
        options => (options.MotionTimeout, options.KeepAliveInterval) = (limit ?? Limit, TimeSpan.Zero),
        time: _time);

    // Somebody waits for exactly that moment, and goes on doing so until it has come.
    private async Task PassAsync(TimeSpan limit, Task reading)
    {
        DateTimeOffset due = _time.GetUtcNow() + limit;
        await _time.WaitForTimerAsync(due);
        _time.Advance(limit - Tick);
        Assert.False(reading.IsCompleted);
        _time.Advance(Tick);
    }
}
