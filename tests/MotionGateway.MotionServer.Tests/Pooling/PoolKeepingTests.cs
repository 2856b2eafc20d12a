using MotionGateway.Testing;
using Code = MotionGateway.MotionServer.MotionServerErrorCode;

namespace MotionGateway.MotionServer.Tests.Pooling;

/// <summary>How a pool fills its shelves, and lets go of what is on them.</summary>
public sealed class PoolKeepingTests : PoolRig
{
    [Fact]
    public async Task Pool_ConnectionsThatAgeSoon_AreReplacedWithoutAPause()
    {
        await using MotionConnectionPool pool = Pool(options =>
        {
            options.MaxAge = TimeSpan.FromSeconds(2);
            options.Reconnect = ReconnectPolicy.None;
        });
        Assert.True(await pool.WarmAsync(Avatar).DefaultTimeout());
        for (int opened = 1; opened <= 4; opened++)
        {
            await Eventually.TrueAsync(() => Connector.Opened.Count == opened && Time.ActiveTimers > 0);
            Time.Advance(TimeSpan.FromSeconds(2));
        }
    }

    [Fact]
    public async Task Pool_ConnectionTakenTheMomentItIsReady_IsReplaced()
    {
        for (int taken = 1; taken <= 3000; taken++)
        {
            Assert.True(await DefaultPool.WarmAsync(Avatar).DefaultTimeout());
            await DefaultPool.ConnectAsync(Avatar);

            // Nobody asks again.
            Assert.True(SpinWait.SpinUntil(() => Connector.Opened.Count == taken + 1, TaskTimeoutExtensions.Limit), $"The {taken}th was not replaced.");
        }
    }

    [Fact]
    public async Task Pool_KindThatNobodyAsksFor_IsForgotten()
    {
        await using MotionConnectionPool pool = Pool(options => options.IdleTimeout = TimeSpan.FromSeconds(30));
        Assert.True(await pool.WarmAsync(Avatar).DefaultTimeout());
        await Eventually.TrueAsync(() => Time.ActiveTimers > 0);
        Time.Advance(TimeSpan.FromSeconds(30));

        await Eventually.TrueAsync(() => Connector.Opened.Single().IsClosed);
        Assert.Equal("avatar-2", (await pool.ConnectAsync(Avatar).DefaultTimeout()).ConnectionId);
    }

    [Fact]
    public async Task WarmAsync_FailuresThatPass_AreTriedAgainWithPauses()
    {
        Connector.Failures.Enqueue(new(Code.ConnectionFailed, MotionServerPhase.WebSocketConnect, "down"));
        Task<bool> warming = DefaultPool.WarmAsync(Avatar);
        await Eventually.TrueAsync(() => Connector.Attempts == 1 && Time.ActiveTimers > 0);
        Assert.False(warming.IsCompleted);

        Time.Advance(TimeSpan.FromSeconds(1));

        Assert.True(await warming.DefaultTimeout());
        Assert.Equal(2, Connector.Attempts);
    }

    [Fact]
    public async Task WarmAsync_RefusedForGood_GivesUpUntilTheNextUse()
    {
        Connector.Failures.Enqueue(new(Code.AvatarNotFound, MotionServerPhase.WebSocketConnect, "no such avatar"));

        MotionServerException failure = await Assert.ThrowsAsync<MotionServerException>(() => DefaultPool.WarmAsync(Avatar).DefaultTimeout());
        Assert.Equal((Code.AvatarNotFound, 1), (failure.Code, Connector.Attempts));
        // Asking again is a use: what was wrong may have been mended.
        Assert.True(await DefaultPool.WarmAsync(Avatar).DefaultTimeout());
    }

    [Fact]
    public async Task DisposeAsync_ClosesWhatIsReadyAndLeavesWhatWasHandedOut()
    {
        MotionConnectionPool pool = Pool(options => options.Size = 3);
        Assert.True(await pool.WarmAsync(Avatar).DefaultTimeout());
        FakeConnection used = (FakeConnection)await pool.ConnectAsync(Avatar);

        await pool.DisposeAsync().AsTask().DefaultTimeout();
        await pool.DisposeAsync().AsTask().DefaultTimeout();

        Assert.False(used.IsClosed);
        Assert.All(Connector.Opened.Where(connection => connection != used), connection => Assert.True(connection.IsClosed));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => pool.ConnectAsync(Avatar));
    }

    [Fact]
    public async Task DisposeAsync_WhileConnecting_EndsAtOnce()
    {
        Connector.Gate = new TaskCompletionSource().Task;
        MotionConnectionPool pool = Pool();
        Task<bool> warming = pool.WarmAsync(Avatar);
        await Eventually.TrueAsync(() => Connector.Attempts == 1);

        await pool.DisposeAsync().AsTask().DefaultTimeout();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => warming.DefaultTimeout());
    }

    [Fact]
    public async Task Pool_ServerClosesWhatItConfirms_PausesAndGivesUp()
    {
        await using MotionConnectionPool pool = Pool(options => options.Reconnect = new ReconnectPolicy { MaxAttempts = 3, Jitter = 0 });
        Connector.OnOpened = connection => connection.End(new(Code.ConnectionClosed, MotionServerPhase.WebSocketRuntime, "gone"));
        Task<bool> warming = pool.WarmAsync(Avatar);

        await Time.AdvanceUntilAsync(TimeSpan.FromSeconds(1), () => warming.IsCompleted);
        await Assert.ThrowsAsync<MotionServerException>(() => warming);
        Assert.Equal(4, Connector.Attempts);
    }

    [Fact]
    public async Task Pool_ServerClosesForGood_GivesUpAtOnce()
    {
        Connector.OnOpened = connection => connection.End(new(Code.CreditsExhausted, MotionServerPhase.WebSocketRuntime, "no credits"));

        MotionServerException failure = await Assert.ThrowsAsync<MotionServerException>(() => DefaultPool.WarmAsync(Avatar).DefaultTimeout());

        Assert.Equal((Code.CreditsExhausted, 1), (failure.Code, Connector.Attempts));
    }

    [Fact]
    public async Task Pool_ConnectorThrowsAnything_GivesUpUntilTheNextUseAndDisposesQuietly()
    {
        Connector.Strange = new InvalidOperationException("a bug of the connector");

        await Assert.ThrowsAsync<InvalidOperationException>(() => DefaultPool.WarmAsync(Avatar).DefaultTimeout());
        Connector.Strange = null;
        Assert.True(await DefaultPool.WarmAsync(Avatar).DefaultTimeout());
        await DefaultPool.DisposeAsync();
    }

    [Fact]
    public async Task WarmAsync_AgainAndAgain_KeepsTheKind()
    {
        await using MotionConnectionPool pool = Pool(options => options.IdleTimeout = TimeSpan.FromSeconds(30));
        for (int i = 0; i < 5; i++)
        {
            Assert.True(await pool.WarmAsync(Avatar).DefaultTimeout());
            await Eventually.TrueAsync(() => Time.ActiveTimers > 0);
            Time.Advance(TimeSpan.FromSeconds(20));
        }

        Assert.Equal(1, Connector.Attempts);
    }
}
