using MotionGateway.MotionServer.Tests.Regions;
using MotionGateway.MotionServer.Tests.Scripted;
using MotionGateway.Testing;

namespace MotionGateway.MotionServer.Tests.Pooling;

/// <summary>A pool hands out what a connect would open now, as regions come and go.</summary>
public sealed class PoolRegionTests : PoolRig
{
    private const string Main = "us-west";
    private const string Second = "ap-northeast";

    [Fact]
    public async Task ConnectAsync_FallbackRegionOnTheShelf_ServesUntilTheFirstHasCooledDown()
    {
        await using ScriptedRegions regions = await ScriptedRegions.StartAsync(Main, Second);
        await regions[Main].BreakAsync("upgrade 503");
        await using MotionServerClient client = regions.Client(time: Time);
        await using MotionConnectionPool pool = new(client, new MotionConnectionPoolOptions(), Time);
        Assert.True(await pool.WarmAsync(Avatar).DefaultTimeout());
        regions[Main].OnUpgrade = null;

        await using (IMotionConnection cooling = await pool.ConnectAsync(Avatar).DefaultTimeout())
        {
            Assert.Equal(Second, cooling.Region);
        }

        Assert.True(await pool.WarmAsync(Avatar).DefaultTimeout());
        Assert.Equal([Main, Second, Second], regions.Upgrades.Select(upgrade => upgrade.Split('@')[1]));
        Time.Advance(TimeSpan.FromSeconds(30));
        await using IMotionConnection cooled = await pool.ConnectAsync(Avatar).DefaultTimeout();
        Assert.Equal(Main, cooled.Region);
        Assert.True(await pool.WarmAsync(Avatar).DefaultTimeout());
        await using IMotionConnection next = await pool.ConnectAsync(Avatar).DefaultTimeout();
        Assert.Equal(Main, next.Region);
    }

    [Fact]
    public async Task WarmAsync_FallbackRegionOnTheShelf_IsReplaced()
    {
        await using ScriptedRegions regions = await ScriptedRegions.StartAsync(Main, Second);
        await regions[Main].BreakAsync("upgrade 503");
        await using MotionServerClient client = regions.Client(time: Time);
        await using MotionConnectionPool pool = new(client, new MotionConnectionPoolOptions(), Time);
        Assert.True(await pool.WarmAsync(Avatar).DefaultTimeout());
        regions[Main].OnUpgrade = null;
        Time.Advance(TimeSpan.FromSeconds(30));

        Assert.True(await pool.WarmAsync(Avatar).DefaultTimeout());

        Assert.Equal([Main, Second, Main], regions.Upgrades.Select(upgrade => upgrade.Split('@')[1]));
        await using IMotionConnection connection = await pool.ConnectAsync(Avatar).DefaultTimeout();
        Assert.Equal(Main, connection.Region);
    }

    [Fact]
    public async Task ConnectAsync_ReadyInTheFirstRegionWhileThatCools_IsHandedOut()
    {
        await using ScriptedRegions regions = await ScriptedRegions.StartAsync(Main, Second);
        await using MotionServerClient client = regions.Client(time: Time);
        await using MotionConnectionPool pool = new(client, new MotionConnectionPoolOptions(), Time);
        Assert.True(await pool.WarmAsync(Avatar).DefaultTimeout());
        await regions[Main].BreakAsync("upgrade 503");
        await using IMotionConnection elsewhere = await client.ConnectAsync(Avatar).DefaultTimeout();

        await using IMotionConnection ready = await pool.ConnectAsync(Avatar).DefaultTimeout();

        Assert.Equal((Second, Main), (elsewhere.Region, ready.Region));
    }

    [Fact]
    public async Task IsCurrentRegion_BootstrapNamesAnother_GoesWithIt()
    {
        await using ScriptedRegions regions = await ScriptedRegions.StartAsync(Main, Second);
        await using ScriptedServer bootstrap = await ScriptedServer.StartAsync();
        string current = Main;
        bootstrap.OnToken = async context => await context.Response.Body.WriteAsync(System.Text.Encoding.UTF8.GetBytes($$$"""{"region":{"current":"{{{current}}}"}}"""));
        await using MotionServerClient client = regions.Client(options => (options.Region, options.BootstrapUrl, options.FallbackRegions) = ("auto", bootstrap.Url, []), Time);
        IRegionRank connector = new ReconnectingConnector(client, new ReconnectPolicy());

        Assert.True(connector.IsCurrentRegion(Main) && connector.IsCurrentRegion(Second));
        await client.FetchTokenAsync().DefaultTimeout();
        Assert.Equal((true, false), (connector.IsCurrentRegion(Main), connector.IsCurrentRegion(Second)));
        current = Second;
        Time.Advance(TimeSpan.FromMinutes(5));
        Assert.True(connector.IsCurrentRegion(Main));
        await client.FetchTokenAsync().DefaultTimeout();
        Assert.Equal((false, true), (connector.IsCurrentRegion(Main), connector.IsCurrentRegion(Second)));
    }

    [Fact]
    public async Task Pool_RegionsOfItsConnections_AreMeasured()
    {
        string region = $"a-{Guid.NewGuid():n}";
        using Measurements measurements = new(region);
        Connector.Region = region;
        Assert.True(await DefaultPool.WarmAsync(Avatar).DefaultTimeout());
        await DefaultPool.ConnectAsync(Avatar).DefaultTimeout();
        Assert.True(await DefaultPool.WarmAsync(Avatar).DefaultTimeout());
        Connector.CurrentRegion = "b-1";

        await DefaultPool.ConnectAsync(Avatar).DefaultTimeout();

        await Eventually.TrueAsync(() => measurements.Values("motion_server.client.pool.ready_connections").Length == 5);
        Assert.Equal([$"1 motion_server.region={region} motion_server.reason=region"], measurements.Of("motion_server.client.pool.discarded_connections"));
        Assert.Equal(
            [$"1 motion_server.region={region} motion_server.outcome=hit", $"1 motion_server.region={region} motion_server.outcome=miss"],
            measurements.Of("motion_server.client.pool.handouts"));
        Assert.Equal([1, -1, 1, -1, 1], measurements.Values("motion_server.client.pool.ready_connections"));
    }

    [Fact]
    public async Task ConnectAsync_RegionChangesWhileTheShelfPauses_ClosesAtOnceAndPausesOn()
    {
        await using MotionConnectionPool pool = Pool(options => (options.Size, options.Reconnect) = (2, new ReconnectPolicy { Jitter = 0 }));
        Connector.Region = "a-1";
        Connector.OnOpened = _ => Connector.Failures.Enqueue(new(MotionServerErrorCode.ConnectionFailed, MotionServerPhase.WebSocketConnect, "down"));
        Task<bool> warming = pool.WarmAsync(Avatar);
        await Eventually.TrueAsync(() => Connector.Attempts == 2 && Time.ActiveTimers > 0);
        Connector.OnOpened = _ => { };
        Connector.CurrentRegion = Connector.Region = "b-1";

        await pool.ConnectAsync(Avatar).DefaultTimeout();

        await Eventually.TrueAsync(() => Connector.Opened.First().IsClosed);
        // The caller's own, and none of the shelf's, which still pauses.
        Assert.Equal((3, 1), (Connector.Attempts, Time.ActiveTimers));
        await Time.AdvanceUntilAsync(TimeSpan.FromMilliseconds(200), () => warming.IsCompleted);
        Assert.True(await warming);
    }

    [Fact]
    public async Task ConnectAsync_RegionChangesWhileTheShelfConnects_ClosesAtOnce()
    {
        await using MotionConnectionPool pool = Pool(options => options.Size = 2);
        TaskCompletionSource gate = new();
        Connector.Region = "a-1";
        Connector.OnOpened = _ => Connector.Gate = gate.Task;
        Task<bool> warming = pool.WarmAsync(Avatar);
        await Eventually.TrueAsync(() => Connector.Attempts == 2);
        Connector.CurrentRegion = "b-1";

        Task<IMotionConnection> connecting = pool.ConnectAsync(Avatar);

        await Eventually.TrueAsync(() => Connector.Opened.Single().IsClosed);
        Connector.Region = "b-1";
        gate.SetResult();
        await connecting.DefaultTimeout();
        Assert.True(await warming.DefaultTimeout());
    }

    [Fact]
    public async Task DisposeAsync_OutrankedConnectionsStillClose_WaitsForThem()
    {
        MotionConnectionPool pool = Pool(options => options.Size = 4);
        TaskCompletionSource closing = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Connector.Region = "a-1";
        Connector.OnOpened = first =>
        {
            first.Closing = closing.Task;
            Connector.Region = "b-1";
            Connector.OnOpened = _ => Connector.Failures.Enqueue(new(MotionServerErrorCode.ConnectionFailed, MotionServerPhase.WebSocketConnect, "down"));
        };
        Task<bool> warming = pool.WarmAsync(Avatar);
        await Time.AdvanceUntilAsync(TimeSpan.FromMilliseconds(200), () => Connector.Opened.Count == 3);
        await Eventually.TrueAsync(() => Connector.Failures.IsEmpty && Time.ActiveTimers > 0);
        Connector.CurrentRegion = "b-1";
        Assert.Equal("b-1", (await pool.ConnectAsync(Avatar).DefaultTimeout()).Region);

        Task disposing = pool.DisposeAsync().AsTask();

        await Eventually.TrueAsync(() => Connector.Opened.Last().IsClosed);
        Assert.False(disposing.IsCompleted || Connector.Opened.First().IsClosed);
        closing.SetResult();
        await disposing.DefaultTimeout();
        Assert.True(Connector.Opened.First().IsClosed);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => warming.DefaultTimeout());
    }

    [Fact]
    public async Task WarmAsync_LongerThanNobodyAsks_IsNotGivenUp()
    {
        await using MotionConnectionPool pool = Pool(options => options.IdleTimeout = TimeSpan.FromSeconds(1));
        for (int i = 0; i < 5; i++)
        {
            Connector.Failures.Enqueue(new(MotionServerErrorCode.ConcurrencyLimit, MotionServerPhase.WebSocketConnect, "too many"));
        }

        Task<bool> warming = pool.WarmAsync(Avatar);
        await Time.AdvanceUntilAsync(TimeSpan.FromSeconds(1), () => warming.IsCompleted);

        Assert.True(await warming);
    }
}
