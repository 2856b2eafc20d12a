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
        await using MotionServerClient client = regions.Client(options => options.RegionCooldown = TimeSpan.Zero, Time);
        await using MotionConnectionPool pool = new(client, new MotionConnectionPoolOptions(), Time);
        Assert.True(await pool.WarmAsync(Avatar).DefaultTimeout());
        regions[Main].OnUpgrade = null;

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
        ReconnectingConnector connector = new(client, new ReconnectPolicy());

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
