using MotionGateway.Messages.DrivenIngress.V2;
using MotionGateway.MotionServer.Tests.Scripted;
using MotionGateway.Testing;

namespace MotionGateway.MotionServer.Tests.Connections;

public sealed class EgressTests
{
    private static readonly MotionAudioFormat Format = new(24000);
    private static readonly MotionConnectionOptions Options = new("avatar", Format) { Egress = new AgoraEgress("channel", "publisher") };

    [Fact]
    public async Task ConnectAsync_LiveKitWithAToken_ConfiguresTheRoom()
    {
        ClientConfigureSession configuration = await ConfigureAsync(new MotionConnectionOptions("avatar", Format)
        {
            Egress = new LiveKitEgress(new Uri("wss://rtc.example.com"), "room", "avatar-1", "join-token")
            {
                ExtraAttributes = new Dictionary<string, string> { ["role"] = "avatar" },
                IdleTimeout = TimeSpan.FromSeconds(90),
            },
        });

        LiveKitEgressConfig expected = new()
        {
            Url = "wss://rtc.example.com",
            RoomName = "room",
            PublisherId = "avatar-1",
            ApiToken = "join-token",
            IdleTimeout = 90,
            ExtraAttributes = { ["role"] = "avatar" },
        };
        Assert.Equal((EgressType.Livekit, expected, null), (configuration.EgressType, configuration.LivekitEgress, configuration.AgoraEgress));
    }

    [Fact]
    public async Task ConnectAsync_LiveKitWithKeyAndSecret_SendsBoth()
    {
        ClientConfigureSession configuration = await ConfigureAsync(new MotionConnectionOptions("avatar", Format)
        {
            Egress = new LiveKitEgress(new Uri("wss://rtc.example.com"), "room", "avatar-1", "key", "secret"),
        });

#pragma warning disable CS0612 // Deprecated by the service, and still taken.
        Assert.Equal(("key", "secret", ""), (configuration.LivekitEgress.ApiKey, configuration.LivekitEgress.ApiSecret, configuration.LivekitEgress.ApiToken));
#pragma warning restore CS0612
    }

    [Fact]
    public async Task ConnectAsync_Agora_ConfiguresTheChannel()
    {
        ClientConfigureSession configuration = await ConfigureAsync(new MotionConnectionOptions("avatar", Format)
        {
            Egress = new AgoraEgress("channel", "avatar-1", "channel-token") { Uid = 7 },
        });

        AgoraEgressConfig expected = new() { ChannelName = "channel", PublisherId = "avatar-1", Token = "channel-token", Uid = 7 };
        Assert.Equal((EgressType.Agora, expected, null), (configuration.EgressType, configuration.AgoraEgress, configuration.LivekitEgress));
    }

    [Fact]
    public async Task ConnectAsync_ExtraParameters_ArePassedOn()
    {
        ClientConfigureSession configuration = await ConfigureAsync(new MotionConnectionOptions("avatar", Format)
        {
            ExtraParameters = new Dictionary<string, string> { ["style"] = "calm", ["beta"] = "1" },
        });

        Assert.Equal(new Dictionary<string, string> { ["beta"] = "1", ["style"] = "calm" }, configuration.ExtraParams.ToDictionary());
        Assert.Equal((24000, AudioFormat.PcmS16Le, EgressType.EgressUnspecified), (configuration.SampleRate, configuration.AudioFormat, configuration.EgressType));
    }

    [Fact]
    public async Task ConnectAsync_ServerRepeatsEgressSecrets_TheyAreMasked()
    {
        MotionConnectionOptions options = new("avatar", Format)
        {
            Egress = new LiveKitEgress(new Uri("wss://rtc.example.com"), "room", "avatar-1", "join-token-5f1d"),
        };
        await using ScriptedServer server = await ScriptedServer.StartAsync(async socket =>
        {
            await socket.ReceiveAsync();
            await socket.SendErrorAsync(16, "unauthorized: join-token-5f1d");
        });
        await using MotionServerClient client = server.Client();

        MotionServerException failure = await client.ConnectAsync(options).Failure();

        Assert.Equal(MotionServerErrorCode.InvalidEgressConfig, failure.Code);
        Assert.DoesNotContain("5f1d", $"{failure} {failure.ServerDetail} {options} {options.Egress}", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not absolute", "room", "avatar", "token")]
    [InlineData("ftp://rtc.example.com", "room", "avatar", "token")]
    [InlineData("wss://rtc.example.com", "", "avatar", "token")]
    [InlineData("wss://rtc.example.com", "room", " ", "token")]
    [InlineData("wss://rtc.example.com", "room", "avatar", "")]
    public void LiveKitEgress_IncompleteOrWrong_Throws(string url, string room, string publisher, string token) =>
        Assert.ThrowsAny<ArgumentException>(() => new LiveKitEgress(new Uri(url, UriKind.RelativeOrAbsolute), room, publisher, token));

    [Fact]
    public async Task ReadPlaybackAsync_States_ComeInOrderAndEndWithTheConnection()
    {
        await using Session session = await Session.OpenAsync(
            async socket =>
            {
                await SendStateAsync(socket, 1, 0, "");
                await SendStateAsync(socket, 2, 480, "explicit");
                await SendStateAsync(socket, 99, -5, "");
                await SendStateAsync(socket, 4, long.MaxValue, "preempted");
                await socket.CloseAsync(1000);
            },
            options: Options,
            capabilities: MotionCapabilities.PlaybackState);

        List<PlaybackUpdate> updates = [];
        await foreach (PlaybackUpdate update in session.Connection.ReadPlaybackAsync())
        {
            updates.Add(update);
        }

        Assert.Equal([MotionCapabilities.PlaybackState], session.Connection.Capabilities);
        Assert.Equal(
            [
                new PlaybackUpdate { RequestId = "r", State = PlaybackState.Playing, Played = TimeSpan.Zero, Reason = "" },
                new PlaybackUpdate { RequestId = "r", State = PlaybackState.Paused, Played = TimeSpan.FromMilliseconds(480), Reason = "explicit" },
                new PlaybackUpdate { RequestId = "r", State = PlaybackState.Unknown, Played = TimeSpan.Zero, Reason = "" },
            ],
            updates.Take(3));
        Assert.Equal((PlaybackState.Interrupted, "preempted"), (updates[3].State, updates[3].Reason));
    }

    [Fact]
    public async Task ReadPlaybackAsync_NobodyReads_TheLatestAreKeptAndTheConnectionLives()
    {
        await using Session session = await Session.OpenAsync(
            async socket =>
            {
                for (int i = 0; i < 1000; i++)
                {
                    await SendStateAsync(socket, 1, i, "");
                }

                await socket.CloseAsync(1000);
            },
            options: Options);

        await session.Connection.Completion.DefaultTimeout();
        List<PlaybackUpdate> updates = [];
        await foreach (PlaybackUpdate update in session.Connection.ReadPlaybackAsync())
        {
            updates.Add(update);
        }

        Assert.Equal((256, TimeSpan.FromMilliseconds(999)), (updates.Count, updates[^1].Played));
    }

    [Fact]
    public async Task ReadPlaybackAsync_ErrorAboutARequest_IsToldInItsPlaceAndReadingGoesOn()
    {
        await using Session session = await Session.OpenAsync(
            async socket =>
            {
                await SendStateAsync(socket, 1, 0, "");
                await socket.SendErrorAsync(0, "driven server request failed", "r");
                await SendStateAsync(socket, 3, 480, "");
                await socket.CloseAsync(4503);
            },
            options: Options);
        List<PlaybackState> states = [];

        MotionServerException report = await ReadPlaybackInto(session.Connection, states).Failure();
        Assert.Equal([PlaybackState.Playing], states);
        MotionServerException end = await ReadPlaybackInto(session.Connection, states).Failure();

        Assert.Equal((MotionServerErrorCode.UpstreamError, "r", null), (report.Code, report.RequestId, report.CloseCode));
        Assert.Equal(2, states.Count);
        Assert.Equal(4503, end.CloseCode);
    }

    [Fact]
    public async Task ReadPlaybackAsync_ConnectionFails_IsToldAfterTheStates()
    {
        await using Session session = await Session.OpenAsync(async socket =>
        {
            await socket.SendErrorAsync(3, "audio input without req_id", "other");
            await SendStateAsync(socket, 1, 0, "");
            await socket.SendErrorAsync(14, "failed to create egress connection");
            await socket.CloseAsync(1011);
        });
        await using IAsyncEnumerator<PlaybackUpdate> playback = session.Connection.ReadPlaybackAsync().GetAsyncEnumerator();

        Assert.True(await playback.MoveNextAsync().AsTask().DefaultTimeout());
        MotionServerException failure = await playback.MoveNextAsync().AsTask().Failure();

        Assert.Equal((MotionServerErrorCode.EgressUnavailable, 1011), (failure.Code, failure.CloseCode));
    }

    [Fact]
    public async Task Completion_LossAfterAReportThatAStateFollowed_IsTheLoss()
    {
        await using Session session = await Session.OpenAsync(async socket =>
        {
            await socket.SendErrorAsync(3, "audio input without req_id", "other");
            await SendStateAsync(socket, 1, 0, "");
            await socket.CloseAsync(4503);
        });

        MotionServerException failure = await session.Connection.Completion.Failure();

        Assert.Equal((MotionServerErrorCode.UpstreamError, MotionServerRetry.Backoff), (failure.Code, failure.Retry));
    }

    private static async Task ReadPlaybackInto(IMotionConnection connection, List<PlaybackState> states)
    {
        await foreach (PlaybackUpdate update in connection.ReadPlaybackAsync())
        {
            states.Add(update.State);
        }
    }

    [Fact]
    public void ExtraParameters_NullValueOrLaterChange_DoNotGetThrough()
    {
        Dictionary<string, string> parameters = new() { ["style"] = "calm" };
        MotionConnectionOptions options = new("avatar", Format) { ExtraParameters = parameters };
        parameters["style"] = "wild";

        Assert.Equal("calm", options.ExtraParameters["style"]);
        ArgumentException failure = Assert.Throws<ArgumentException>(
            () => new MotionConnectionOptions("avatar", Format) { ExtraParameters = new Dictionary<string, string> { ["beta"] = null! } });
        Assert.Contains("beta", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task PauseAsync_WithoutTheCapability_IsRefusedHereAndTheConnectionLives(bool hasEgress)
    {
        TaskCompletionSource<List<Message>> received = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using Session session = await Session.OpenAsync(
            async socket => received.SetResult(await socket.ReadToCloseAsync()),
            options: hasEgress ? Options : null,
            capabilities: hasEgress ? [] : [MotionCapabilities.PlaybackControl]);

        MotionServerException pause = await session.Request.PauseAsync().AsTask().Failure();
        MotionServerException resume = await session.Request.ResumeAsync().AsTask().Failure();
        await session.Request.SendAsync(new byte[2]);
        await session.Connection.CloseAsync().DefaultTimeout();

        Assert.Contains("playback_control", pause.Message, StringComparison.Ordinal);
        Assert.Equal((MotionServerErrorCode.InvalidRequest, MotionServerRetry.Never, "r"), (resume.Code, resume.Retry, resume.RequestId));
        Assert.Equal(MessageType.MessageClientAudioInput, Assert.Single(await received.Task.DefaultTimeout()).Type);
    }

    private static Task SendStateAsync(ScriptedSocket socket, int state, long playedMs, string reason) => socket.SendAsync(new Message
    {
        Type = MessageType.MessageServerPlaybackState,
        ServerPlaybackState = new ServerPlaybackState
        {
            ConnectionId = ScriptedServer.ConnectionId,
            ReqId = "r",
            State = (global::MotionGateway.Messages.DrivenIngress.V2.PlaybackState)state,
            PlayedMs = playedMs,
            Reason = reason,
        },
    });

    private static async Task<ClientConfigureSession> ConfigureAsync(MotionConnectionOptions options)
    {
        ClientConfigureSession? configuration = null;
        await using ScriptedServer server = await ScriptedServer.StartAsync(async socket =>
        {
            configuration = await socket.ConfirmAsync();
            await socket.ReadToCloseAsync();
        });
        await using MotionServerClient client = server.Client();
        await using IMotionConnection connection = await client.ConnectAsync(options).DefaultTimeout();
        return configuration!;
    }
}
