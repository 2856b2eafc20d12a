using MotionGateway.LocalMotion;
using MotionGateway.MotionServer.Tests.Scripted;
using MotionGateway.Testing;
using Code = MotionGateway.MotionServer.MotionServerErrorCode;

namespace MotionGateway.MotionServer.Tests.Pooling;

public sealed class MotionConnectionPoolTests : IAsyncLifetime
{
    private static readonly MotionConnectionOptions Avatar = new("avatar", new MotionAudioFormat(16000));

    private readonly ManualTimeProvider _time = new();
    private readonly FakeConnector _connector = new();
    private readonly MotionConnectionPool _pool;

    public MotionConnectionPoolTests() => _pool = Pool();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _pool.DisposeAsync();

    [Fact]
    public async Task ConnectAsync_Warm_HandsOutAReadyConnectionAndOpensTheNext()
    {
        Assert.True(await _pool.WarmAsync(Avatar).DefaultTimeout());

        IMotionConnection first = await _pool.ConnectAsync(Avatar);
        Assert.True(await _pool.WarmAsync(Avatar).DefaultTimeout());
        IMotionConnection second = await _pool.ConnectAsync(Avatar);

        Assert.Equal(("avatar-1", "avatar-2"), (first.ConnectionId, second.ConnectionId));
        Assert.False(((FakeConnection)first).IsClosed);
    }

    [Fact]
    public async Task ConnectAsync_Cold_ConnectsAndKeepsThatKindFromThenOn()
    {
        IMotionConnection cold = await _pool.ConnectAsync(Avatar).DefaultTimeout();
        Assert.True(await _pool.WarmAsync(Avatar).DefaultTimeout());

        Assert.NotEqual(cold.ConnectionId, (await _pool.ConnectAsync(Avatar)).ConnectionId);
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
            Assert.True(await _pool.WarmAsync(kind).DefaultTimeout());
        }

        Assert.Equal(kinds.Length, _connector.Opened.Count);
        // The same set of parameters in another object is the same kind.
        await _pool.ConnectAsync(new("avatar", new MotionAudioFormat(16000)) { ExtraParameters = new Dictionary<string, string> { ["a"] = "c" } });
        await Eventually.TrueAsync(() => _connector.Opened.Count == kinds.Length + 1);
    }

    [Fact]
    public async Task ConnectAsync_ReadyConnectionHasEnded_IsReplaced()
    {
        Assert.True(await _pool.WarmAsync(Avatar).DefaultTimeout());
        _connector.Opened.Single().End();

        // One that ends so soon is replaced after a pause.
        while (_connector.Opened.Count < 2)
        {
            await Eventually.TrueAsync(() => _time.ActiveTimers > 0);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal("avatar-2", (await _pool.ConnectAsync(Avatar).DefaultTimeout()).ConnectionId);
    }

    [Fact]
    public async Task ConnectAsync_ReadyConnectionIsTooOld_IsClosedAndReplaced()
    {
        Assert.True(await _pool.WarmAsync(Avatar).DefaultTimeout());
        await Eventually.TrueAsync(() => _time.ActiveTimers > 0);
        _time.Advance(TimeSpan.FromMinutes(2));

        await Eventually.TrueAsync(() => _connector.Opened.Count == 2 && _connector.Opened.First().IsClosed);
        Assert.Equal("avatar-2", (await _pool.ConnectAsync(Avatar).DefaultTimeout()).ConnectionId);
    }

    [Fact]
    public async Task Pool_KindThatNobodyAsksFor_IsForgotten()
    {
        await using MotionConnectionPool pool = Pool(options => options.IdleTimeout = TimeSpan.FromSeconds(30));
        Assert.True(await pool.WarmAsync(Avatar).DefaultTimeout());
        await Eventually.TrueAsync(() => _time.ActiveTimers > 0);
        _time.Advance(TimeSpan.FromSeconds(30));

        await Eventually.TrueAsync(() => _connector.Opened.Single().IsClosed);
        Assert.Equal("avatar-2", (await pool.ConnectAsync(Avatar).DefaultTimeout()).ConnectionId);
    }

    [Fact]
    public async Task ConnectAsync_Egress_IsNeverPooled()
    {
        MotionConnectionOptions egress = new("avatar", new MotionAudioFormat(16000)) { Egress = new AgoraEgress("channel", "publisher") };

        Assert.False(await _pool.WarmAsync(egress).DefaultTimeout());
        await _pool.ConnectAsync(egress).DefaultTimeout();

        Assert.Single(_connector.Opened);
    }

    [Fact]
    public async Task ConnectAsync_MoreKindsThanAllowed_ConnectsWithoutKeepingThem()
    {
        await using MotionConnectionPool pool = Pool(options => options.MaxKinds = 1);
        Assert.True(await pool.WarmAsync(Avatar).DefaultTimeout());

        Assert.False(await pool.WarmAsync(new("second", Avatar.Audio)).DefaultTimeout());
        Assert.Equal("second-2", (await pool.ConnectAsync(new("second", Avatar.Audio)).DefaultTimeout()).ConnectionId);
    }

    [Fact]
    public async Task WarmAsync_FailuresThatPass_AreTriedAgainWithPauses()
    {
        _connector.Failures.Enqueue(new(Code.ConnectionFailed, MotionServerPhase.WebSocketConnect, "down"));
        Task<bool> warming = _pool.WarmAsync(Avatar);
        await Eventually.TrueAsync(() => _connector.Attempts == 1 && _time.ActiveTimers > 0);
        Assert.False(warming.IsCompleted);

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.True(await warming.DefaultTimeout());
        Assert.Equal(2, _connector.Attempts);
    }

    [Fact]
    public async Task WarmAsync_RefusedForGood_GivesUpUntilTheNextUse()
    {
        _connector.Failures.Enqueue(new(Code.AvatarNotFound, MotionServerPhase.WebSocketConnect, "no such avatar"));

        MotionServerException failure = await Assert.ThrowsAsync<MotionServerException>(() => _pool.WarmAsync(Avatar).DefaultTimeout());
        Assert.Equal((Code.AvatarNotFound, 1), (failure.Code, _connector.Attempts));
        // Asking again is a use: what was wrong may have been mended.
        Assert.True(await _pool.WarmAsync(Avatar).DefaultTimeout());
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
        Assert.All(_connector.Opened.Where(connection => connection != used), connection => Assert.True(connection.IsClosed));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => pool.ConnectAsync(Avatar));
    }

    [Fact]
    public async Task DisposeAsync_WhileConnecting_EndsAtOnce()
    {
        _connector.Gate = new TaskCompletionSource().Task;
        MotionConnectionPool pool = Pool();
        Task<bool> warming = pool.WarmAsync(Avatar);
        await Eventually.TrueAsync(() => _connector.Attempts == 1);

        await pool.DisposeAsync().AsTask().DefaultTimeout();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => warming.DefaultTimeout());
    }

    [Fact]
    public async Task ConnectAsync_WithACallbackOfItsOwn_IsNeverPooled()
    {
        MotionConnectionOptions told = new("avatar", new MotionAudioFormat(16000)) { OnStreamCompleted = _ => { } };

        Assert.True(await _pool.WarmAsync(Avatar).DefaultTimeout());
        Assert.False(await _pool.WarmAsync(told).DefaultTimeout());
        Assert.Equal("avatar-2", (await _pool.ConnectAsync(told).DefaultTimeout()).ConnectionId);
    }

    [Fact]
    public async Task Pool_ServerClosesWhatItConfirms_PausesAndGivesUp()
    {
        await using MotionConnectionPool pool = Pool(options => options.Reconnect = new ReconnectPolicy { MaxAttempts = 3, Jitter = 0 });
        _connector.OnOpened = connection => connection.End(new(Code.ConnectionClosed, MotionServerPhase.WebSocketRuntime, "gone"));
        Task<bool> warming = pool.WarmAsync(Avatar);
        while (!warming.IsCompleted)
        {
            await Eventually.TrueAsync(() => _time.ActiveTimers > 0 || warming.IsCompleted);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        await Assert.ThrowsAsync<MotionServerException>(() => warming);
        Assert.Equal(4, _connector.Attempts);
    }

    [Fact]
    public async Task Pool_ServerClosesForGood_GivesUpAtOnce()
    {
        _connector.OnOpened = connection => connection.End(new(Code.CreditsExhausted, MotionServerPhase.WebSocketRuntime, "no credits"));

        MotionServerException failure = await Assert.ThrowsAsync<MotionServerException>(() => _pool.WarmAsync(Avatar).DefaultTimeout());

        Assert.Equal((Code.CreditsExhausted, 1), (failure.Code, _connector.Attempts));
    }

    [Fact]
    public async Task Pool_ConnectorThrowsAnything_GivesUpUntilTheNextUseAndDisposesQuietly()
    {
        _connector.Strange = new InvalidOperationException("a bug of the connector");

        await Assert.ThrowsAsync<InvalidOperationException>(() => _pool.WarmAsync(Avatar).DefaultTimeout());
        _connector.Strange = null;
        Assert.True(await _pool.WarmAsync(Avatar).DefaultTimeout());
        await _pool.DisposeAsync();
    }

    [Fact]
    public async Task WarmAsync_AgainAndAgain_KeepsTheKind()
    {
        await using MotionConnectionPool pool = Pool(options => options.IdleTimeout = TimeSpan.FromSeconds(30));
        for (int i = 0; i < 5; i++)
        {
            Assert.True(await pool.WarmAsync(Avatar).DefaultTimeout());
            await Eventually.TrueAsync(() => _time.ActiveTimers > 0);
            _time.Advance(TimeSpan.FromSeconds(20));
        }

        Assert.Equal(1, _connector.Attempts);
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
        await Eventually.TrueAsync(() => connector.First is MotionConnection { HasUnread: true });

        await using IMotionConnection connection = await pool.ConnectAsync(Avatar).DefaultTimeout();

        Assert.NotSame(connector.First, connection);
    }

    [Fact]
    public async Task ConnectAsync_OverTheClient_IsAWorkingConnection()
    {
        await using LocalMotionServer server = await LocalMotionServer.StartAsync();
        await using MotionServerClient client = new(server.ClientOptions());
        await using MotionConnectionPool pool = new(client);
        Assert.True(await pool.WarmAsync(Avatar).DefaultTimeout());

        await using IMotionConnection connection = await pool.ConnectAsync(Avatar).DefaultTimeout();
        await connection.SendAudioAsync("r", new byte[32_000], isLast: true);
        await foreach (MotionMessage message in connection.ReadMotionAsync())
        {
            Assert.Equal((25, true), (message.KeyframeCount, message.End));
            break;
        }
    }

    [Fact]
    public void Options_OutOfRange_AreAllNamed()
    {
        ArgumentException failure = Assert.Throws<ArgumentException>(() => Pool(options =>
        {
            options.Size = 17;
            options.MaxKinds = 0;
            options.MaxAge = TimeSpan.Zero;
            options.IdleTimeout = TimeSpan.FromDays(2);
            options.Reconnect = new ReconnectPolicy { Jitter = 2 };
        }));

        Assert.All(["Size", "MaxKinds", "MaxAge", "IdleTimeout", "Reconnect.Jitter"], name => Assert.Contains(name, failure.Message, StringComparison.Ordinal));
    }

    private MotionConnectionPool Pool(Action<MotionConnectionPoolOptions>? change = null)
    {
        MotionConnectionPoolOptions options = new();
        change?.Invoke(options);
        return new MotionConnectionPool(_connector, options, _time);
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
