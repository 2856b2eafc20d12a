using MotionGateway.LocalMotion;
using MotionGateway.MotionServer.Tests.Scripted;
using MotionGateway.Testing;

namespace MotionGateway.MotionServer.Tests.Pooling;

/// <summary>What a pool hands out.</summary>
public sealed class MotionConnectionPoolTests : PoolRig
{
    [Fact]
    public async Task ConnectAsync_Warm_HandsOutAReadyConnectionAndOpensTheNext()
    {
        Assert.True(await DefaultPool.WarmAsync(Avatar).DefaultTimeout());

        IMotionConnection first = await DefaultPool.ConnectAsync(Avatar);
        Assert.True(await DefaultPool.WarmAsync(Avatar).DefaultTimeout());
        IMotionConnection second = await DefaultPool.ConnectAsync(Avatar);

        Assert.Equal(("avatar-1", "avatar-2"), (first.ConnectionId, second.ConnectionId));
        Assert.False(((FakeConnection)first).IsClosed);
    }

    [Fact]
    public async Task ConnectAsync_Cold_ConnectsAndKeepsThatKindFromThenOn()
    {
        IMotionConnection cold = await DefaultPool.ConnectAsync(Avatar).DefaultTimeout();
        Assert.True(await DefaultPool.WarmAsync(Avatar).DefaultTimeout());

        Assert.NotEqual(cold.ConnectionId, (await DefaultPool.ConnectAsync(Avatar)).ConnectionId);
    }

    [Fact]
    public async Task ConnectAsync_OtherAvatarFormatOrParameters_AreKeptApart()
    {
        MotionConnectionOptions[] kinds =
        [
            Avatar,
            new("other", new MotionAudioFormat(16000)),
            new("avatar", new MotionAudioFormat(24000)),
            new("avatar", MotionAudioFormat.OggOpus(16000)),
            new("avatar", new MotionAudioFormat(16000)) { ExtraParameters = new Dictionary<string, string> { ["a"] = "b" } },
            new("avatar", new MotionAudioFormat(16000)) { ExtraParameters = new Dictionary<string, string> { ["a"] = "c" } },
        ];
        foreach (MotionConnectionOptions kind in kinds)
        {
            Assert.True(await DefaultPool.WarmAsync(kind).DefaultTimeout());
        }

        Assert.Equal(kinds.Length, Connector.Opened.Count);
        // The same set of parameters in another object is the same kind.
        await DefaultPool.ConnectAsync(new("avatar", new MotionAudioFormat(16000)) { ExtraParameters = new Dictionary<string, string> { ["a"] = "c" } });
        await Eventually.TrueAsync(() => Connector.Opened.Count == kinds.Length + 1);
    }

    [Fact]
    public async Task ConnectAsync_ReadyConnectionHasEnded_IsReplaced()
    {
        Assert.True(await DefaultPool.WarmAsync(Avatar).DefaultTimeout());
        Connector.Opened.Single().End();

        // One that ends so soon is replaced after a pause.
        await Time.AdvanceUntilAsync(TimeSpan.FromSeconds(1), () => Connector.Opened.Count == 2);

        Assert.Equal("avatar-2", (await DefaultPool.ConnectAsync(Avatar).DefaultTimeout()).ConnectionId);
    }

    [Fact]
    public async Task ConnectAsync_ReadyConnectionIsTooOld_IsClosedAndReplaced()
    {
        Assert.True(await DefaultPool.WarmAsync(Avatar).DefaultTimeout());
        await Eventually.TrueAsync(() => Time.ActiveTimers > 0);
        Time.Advance(TimeSpan.FromMinutes(2));

        await Eventually.TrueAsync(() => Connector.Opened.Count == 2 && Connector.Opened.First().IsClosed);
        Assert.Equal("avatar-2", (await DefaultPool.ConnectAsync(Avatar).DefaultTimeout()).ConnectionId);
    }

    [Fact]
    public async Task ConnectAsync_Egress_IsNeverPooled()
    {
        MotionConnectionOptions egress = new("avatar", new MotionAudioFormat(16000)) { Egress = new AgoraEgress("channel", "publisher") };

        Assert.False(await DefaultPool.WarmAsync(egress).DefaultTimeout());
        await DefaultPool.ConnectAsync(egress).DefaultTimeout();

        Assert.Single(Connector.Opened);
    }

    [Fact]
    public async Task ConnectAsync_MoreKindsThanAreKept_ConnectsWithoutKeepingThem()
    {
        for (int i = 0; i < 64; i++)
        {
            Assert.True(await DefaultPool.WarmAsync(new($"avatar-{i}", Avatar.Audio)).DefaultTimeout());
        }

        Assert.False(await DefaultPool.WarmAsync(new("another", Avatar.Audio)).DefaultTimeout());
        Assert.Equal("another-65", (await DefaultPool.ConnectAsync(new("another", Avatar.Audio)).DefaultTimeout()).ConnectionId);
    }

    [Fact]
    public async Task ConnectAsync_WithACallbackOfItsOwn_IsNeverPooled()
    {
        MotionConnectionOptions told = new("avatar", new MotionAudioFormat(16000)) { OnStreamCompleted = _ => { } };

        Assert.True(await DefaultPool.WarmAsync(Avatar).DefaultTimeout());
        Assert.False(await DefaultPool.WarmAsync(told).DefaultTimeout());
        Assert.Equal("avatar-2", (await DefaultPool.ConnectAsync(told).DefaultTimeout()).ConnectionId);
    }

    [Fact]
    public async Task ConnectAsync_ServerHasSpokenOnAReadyConnection_TakesAnother()
    {
        int connections = 0;
        await using ScriptedServer server = await ScriptedServer.StartAsync(async socket =>
        {
            await socket.ConfirmAsync();
            if (Interlocked.Increment(ref connections) == 1)
            {
                await socket.SendErrorAsync(13, "something is wrong here");
            }

            await socket.ReadToCloseAsync();
        });
        await using MotionServerClient client = server.Client();
        Remembering connector = new(client);
        await using MotionConnectionPool pool = new(connector);
        await pool.WarmAsync(Avatar).DefaultTimeout();
        await Eventually.TrueAsync(() => connector.First is MotionConnection { HasWord: true });

        await using IMotionConnection connection = await pool.ConnectAsync(Avatar).DefaultTimeout();

        Assert.NotSame(connector.First, connection);
    }

    [Fact]
    public async Task ConnectAsync_OverTheClient_IsAWorkingConnection()
    {
        // Else an end that comes half a second late makes two messages of one.
        await using LocalMotionServer server = await LocalMotionServer.StartAsync(new LocalMotionServerOptions { Segments = MotionSegments.Recorded });
        await using MotionServerClient client = new(server.ClientOptions());
        await using MotionConnectionPool pool = new(client);
        Assert.True(await pool.WarmAsync(Avatar).DefaultTimeout());

        await using IMotionConnection connection = await pool.ConnectAsync(Avatar).DefaultTimeout();
        await using IMotionRequest request = connection.StartRequest();
        await request.SayAsync(new byte[32_000]);

        MotionMessage message = Assert.Single(await request.ReadAll().DefaultTimeout());
        Assert.Equal((25, true), (message.KeyframeCount, message.End));
    }

    [Fact]
    public void Options_OutOfRange_AreAllNamed()
    {
        ArgumentException failure = Assert.Throws<ArgumentException>(() => Pool(options =>
        {
            options.Size = 17;
            options.MaxAge = TimeSpan.Zero;
            options.IdleTimeout = TimeSpan.FromDays(2);
            options.Reconnect = new ReconnectPolicy { Jitter = 2 };
        }));

        Assert.All(["Size", "MaxAge", "IdleTimeout", "Reconnect.Jitter"], name => Assert.Contains(name, failure.Message, StringComparison.Ordinal));
    }

    private sealed class Remembering(IMotionConnector connector) : IMotionConnector
    {
        public IMotionConnection? First { get; private set; }

        public async Task<IMotionConnection> ConnectAsync(MotionConnectionOptions options, CancellationToken cancellationToken = default)
        {
            IMotionConnection connection = await connector.ConnectAsync(options, cancellationToken);
            First ??= connection;
            return connection;
        }
    }
}
