using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using MotionGateway.LocalMotion.Cassettes;
using MotionGateway.LocalMotion.Tests.Egress;
using MotionGateway.Messages.DrivenIngress.V2;
using MotionGateway.MotionServer;
using PlaybackState = MotionGateway.Messages.DrivenIngress.V2.PlaybackState;

namespace MotionGateway.LocalMotion.Tests.Cassettes;

public sealed class RecordAndReplayTests : IDisposable
{
    private readonly TemporaryCassette _cassette = new();

    public void Dispose() => _cassette.Dispose();

    [Fact]
    public async Task Replay_OfAnSdkSession_GivesTheSameMotionButForTheIds()
    {
        List<List<MotionMessage>> recorded = await RecordAsync(server => SdkSession.SpeakAsync(server, 3, 7));
        Assert.Equal([2, 3], recorded.Select(turn => turn.Count));

        await using LocalMotionServer replay = await _cassette.ReplayAsync();
        // The third request is answered as the first was.
        List<List<MotionMessage>> replayed = await SdkSession.SpeakAsync(replay, 1, 7, 5);

        Assert.Equal(recorded[0].Select(WithoutIds), replayed[0].Select(WithoutIds));
        Assert.Equal(recorded[1].Select(WithoutIds), replayed[1].Select(WithoutIds));
        Assert.Equal(recorded[0].Select(WithoutIds), replayed[2].Select(WithoutIds));
        // And so is the next connection's first.
        Assert.Equal(recorded[0].Select(WithoutIds), (await SdkSession.SpeakAsync(replay, 2))[0].Select(WithoutIds));
    }

    [Fact]
    public async Task Record_PassesMessagesOnAndKeepsThemByteForByte()
    {
        // An unknown field, before and after the known ones.
        byte[] audio =
        [
            0xF8, 0x06, 0x07,
            .. new Message { Type = MessageType.MessageClientAudioInput, ClientAudioInput = new ClientAudioInput { ReqId = "turn", End = true } }.ToByteArray(),
            0xFA, 0x06, 0x01, 0x41,
        ];
        byte[]? animation = null;
        await RecordAsync(async server =>
        {
            using RawClient client = await RawClient.OpenAsync(server);
            await client.SendRawAsync("hello"u8.ToArray(), WebSocketMessageType.Text);
            await client.SendRawAsync(audio);
            animation = await client.ReceiveRawAsync();
            await client.CloseAsync();
            return client.CloseStatus;
        });

        JsonElement[] client = [.. _cassette.Entries.Where(entry => entry.TryGetProperty("from", out JsonElement from) && from.GetString() == "client")];
        Assert.Equal(["message", "text", "message", "close"], client.Select(entry => entry.GetProperty("kind").GetString()));
        Assert.Equal("hello", Encoding.UTF8.GetString(TemporaryCassette.Data(client[1])));
        Assert.Equal(audio, TemporaryCassette.Data(client[2]));
        Assert.Equal(("PCM_S16LE", 16000), (client[0].GetProperty("audioFormat").GetString(), client[0].GetProperty("sampleRate").GetInt32()));
        Assert.Equal(["message", "message", "close"], _cassette.KindsOf("server"));
        Assert.Equal(animation, TemporaryCassette.Data(_cassette.Entries.Last(entry => entry.TryGetProperty("message", out JsonElement name) && name.GetString() == "ServerResponseAnimation")));
    }

    [Fact]
    public async Task Record_HasEveryWholeLineInTheFileWhileItRuns()
    {
        await using LocalMotionServer upstream = await LocalMotionServer.StartAsync();
        await using LocalMotionServer recorder = await _cassette.RecordAsync(upstream);
        using RawClient client = await RawClient.OpenAsync(recorder);

        // What is in the file now survives a kill of the process.
        await Eventually.TrueAsync(() => _cassette.Text.Contains("ServerConfirmSession", StringComparison.Ordinal));
        Assert.EndsWith("\n", _cassette.Text, StringComparison.Ordinal);
        Assert.Equal(["token", "upgrade", "message", "message"], _cassette.Entries.Select(entry => entry.GetProperty("kind").GetString()));
    }

    [Fact]
    public async Task Record_OfSeveralConnections_NumbersThem()
    {
        await RecordAsync(async server =>
        {
            using RawClient first = await RawClient.OpenAsync(server, "one");
            using RawClient second = await RawClient.OpenAsync(server, "two");
            await second.SendAudioAsync("b", Speech.Silence(10), end: true);
            await second.ReceiveTurnAsync();
            return 0;
        });

        Assert.Equal([(1, "one"), (2, "two")], _cassette.Entries.Where(entry => entry.GetProperty("kind").GetString() == "upgrade")
            .Select(entry => (entry.GetProperty("connection").GetInt32(), entry.GetProperty("avatarId").GetString()!)));
        Assert.All(_cassette.Entries.Where(entry => entry.TryGetProperty("reqId", out JsonElement id) && id.GetString() == "b"), entry => Assert.Equal(2, entry.GetProperty("connection").GetInt32()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Record_KeepsNoSecret(bool byQuery)
    {
        string token = "", joinToken = LiveKitTokens.Make("room");
        await RecordAsync(async server =>
        {
            using HttpResponseMessage refused = await RawClient.PostTokenAsync(server, "a-wrong/key+of=mine");
            token = await RawClient.TokenAsync(server);
            using RawClient client = await RawClient.ConnectAsync(server, "avatar", token, byQuery: byQuery);
            await client.ConfigureAsync(EgressClient.LiveKit(livekit =>
            {
                livekit.Url = "wss://user:url-password@rtc.example.com?access=url-query-secret";
                livekit.ApiToken = joinToken;
                livekit.ExtraAttributes.Add("apiKey", "attribute-secret");
            }));
            // Where a message repeats them.
            await client.SendAudioAsync($"turn-{token}-local-key-{joinToken}", Speech.Silence(8000), end: true);
            await client.ReceiveAsync();
            return 0;
        });

        string readable = _cassette.Readable;
        Assert.Contains("rtc.example.com", readable, StringComparison.Ordinal);
        Assert.Contains("turn-*****", readable, StringComparison.Ordinal);
        foreach (string secret in (string[])[token, "local-key", "a-wrong", joinToken, "url-password", "url-query-secret", "attribute-secret"])
        {
            Assert.DoesNotContain(secret, readable, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("expireAt")]
    [InlineData("expire_at")]
    public async Task Record_OfATokensLifetime_ReadsEitherSpelling(string name)
    {
        await RecordAsync(async server =>
        {
            using var http = new HttpClient();
            long expiry = DateTimeOffset.UtcNow.AddMinutes(5).ToUnixTimeSeconds();
            using var request = new HttpRequestMessage(HttpMethod.Post, server.ConsoleUrl + "/session-tokens") { Content = new StringContent($"{{\"{name}\":{expiry}}}") };
            request.Headers.Add("X-Api-Key", "local-key");
            using HttpResponseMessage response = await http.SendAsync(request);
            return 0;
        });

        JsonElement token = _cassette.Entries.Single(entry => entry.TryGetProperty("kind", out JsonElement kind) && kind.GetString() == "token");
        Assert.InRange(token.GetProperty("tokenLifetimeMs").GetDouble(), 1, 300_000);
    }

    [Fact]
    public async Task Record_OfShortSecrets_MasksThemByField()
    {
        await RecordAsync(async server =>
        {
            using RawClient client = await RawClient.ConnectAsync(server, "avatar", await RawClient.TokenAsync(server));
            await client.ConfigureAsync(EgressClient.Agora(agora => agora.Token = "abc"));
            return 0;
        });

        JsonElement configuration = _cassette.Entries.First(entry => entry.TryGetProperty("message", out JsonElement name) && name.GetString() == "ClientConfigureSession");
        AgoraEgressConfig agora = Message.Parser.ParseFrom(TemporaryCassette.Data(configuration)).ClientConfigureSession.AgoraEgress;
        Assert.Equal(("***", "channel"), (agora.Token, agora.ChannelName));
    }

    [Theory]
    [InlineData("fault-upgrade-status-402", "local-key", MotionServerErrorCode.BillingRequired)]
    [InlineData("missing-avatar", "local-key", MotionServerErrorCode.AvatarNotFound)]
    [InlineData("avatar", "fault-token-status-500", MotionServerErrorCode.ServerError)]
    [InlineData("avatar", "fault-token-body-too-long", MotionServerErrorCode.ProtocolError)]
    [InlineData("fault-server-error-4003@handshake", "local-key", MotionServerErrorCode.ConcurrencyLimit)]
    [InlineData("fault-server-error-4001@motion", "local-key", MotionServerErrorCode.CreditsExhausted)]
    [InlineData("fault-close-4503@motion", "local-key", MotionServerErrorCode.UpstreamError)]
    [InlineData("fault-reset@motion", "local-key", MotionServerErrorCode.ConnectionClosed)]
    public async Task Replay_OfAFailure_FailsTheSame(string avatarId, string apiKey, MotionServerErrorCode code)
    {
        MotionServerException recorded = await RecordAsync(server => SdkSession.FailAsync(server, avatarId, apiKey));
        await using LocalMotionServer replay = await _cassette.ReplayAsync();
        MotionServerException replayed = await SdkSession.FailAsync(replay);

        Assert.Equal(code, recorded.Code);
        Assert.Equal((code, Place(recorded), recorded.HttpStatus, recorded.ServerCode, recorded.CloseCode, recorded.CloseReason, recorded.RawBody?.Length),
            (replayed.Code, Place(replayed), replayed.HttpStatus, replayed.ServerCode, replayed.CloseCode, replayed.CloseReason, replayed.RawBody?.Length));
    }

    // An end within a session is noticed by whoever is first, a reader or a sender.
    private static MotionServerPhase Place(MotionServerException failure) =>
        failure.Phase == MotionServerPhase.WebSocketSend ? MotionServerPhase.WebSocketRuntime : failure.Phase;

    [Theory]
    [InlineData("fault-token-cut-body")]
    [InlineData("fault-token-cut-answer")]
    public async Task Record_OfABrokenAnswer_BreaksItForTheClient(string apiKey)
    {
        MotionServerException failure = await RecordAsync(server => SdkSession.FailAsync(server, apiKey: apiKey));

        Assert.Equal((MotionServerErrorCode.ConnectionFailed, null), (failure.Code, failure.HttpStatus));
        Assert.Empty(_cassette.Entries);
    }

    [Fact]
    public async Task Replay_OfControls_AnswersEachWhenItComes()
    {
        await RecordAsync(async server =>
        {
            (RawClient client, _) = await EgressClient.OpenAsync(server, EgressClient.LiveKit());
            using RawClient open = client;
            await SpeakWithControlsAsync(client, "recorded");
            return 0;
        });

        await using LocalMotionServer replay = await _cassette.ReplayAsync();
        (RawClient replayed, ServerConfirmSession confirm) = await EgressClient.OpenAsync(replay, EgressClient.LiveKit());
        using RawClient client = replayed;
        Assert.Equal(["playback_control", "playback_state"], confirm.Capabilities);
        await SpeakWithControlsAsync(client, "live");
    }

    [Fact]
    public async Task Replay_ForAConnectionWithoutRequests_SaysSo()
    {
        await RecordAsync(async server =>
        {
            using RawClient client = await RawClient.OpenAsync(server);
            await client.CloseAsync();
            return 0;
        });

        await using LocalMotionServer replay = await _cassette.ReplayAsync();
        using RawClient client = await RawClient.OpenAsync(replay);
        await client.SendAudioAsync("turn", Speech.Silence(10), end: true);
        Assert.Contains("the cassette holds no request", (await client.ReceiveAsync())?.ServerError?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Record_WithoutAnUpstream_AnswersBadGatewayAndRecordsNothing()
    {
        await using (LocalMotionServer recorder = await LocalMotionServer.StartAsync(new LocalMotionServerOptions
        {
            Record = new RecordingOptions { File = _cassette.Path, ConsoleUrl = new Uri("http://127.0.0.1:1/v1/console"), IngressUrl = new Uri("ws://127.0.0.1:1/v2") },
        }))
        {
            using HttpResponseMessage answer = await RawClient.PostTokenAsync(recorder);
            Assert.Equal(502, (int)answer.StatusCode);
        }

        Assert.Empty(_cassette.Entries);
    }

    [Fact]
    public async Task Record_ToAFileThatIsThere_IsRefused()
    {
        _cassette.Write("precious");
        await using LocalMotionServer upstream = await LocalMotionServer.StartAsync();
        CassetteException failure = await Assert.ThrowsAsync<CassetteException>(() => _cassette.RecordAsync(upstream));
        Assert.Contains("is there already", failure.Message, StringComparison.Ordinal);
        Assert.Equal("precious\n", _cassette.Text);
    }

    private static async Task SpeakWithControlsAsync(RawClient client, string requestId)
    {
        await client.SendAudioAsync(requestId, Speech.Silence(60 * EgressClient.Rate), end: true);
        Assert.Equal((requestId, PlaybackState.Playing), Of(await client.ReceiveStateAsync()));
        await client.PauseAsync(requestId);
        Assert.Equal((requestId, PlaybackState.Paused), Of(await client.ReceiveStateAsync()));
        await client.ResumeAsync(requestId);
        Assert.Equal((requestId, PlaybackState.Playing), Of(await client.ReceiveStateAsync()));
        await client.InterruptAsync(requestId);
        Assert.Equal((requestId, PlaybackState.Interrupted), Of(await client.ReceiveStateAsync()));
    }

    private static (string RequestId, PlaybackState State) Of(ServerPlaybackState state) => (state.ReqId, state.State);

    private static string WithoutIds(MotionMessage message)
    {
        Message parsed = Message.Parser.ParseFrom(message.Envelope.Span);
        parsed.ServerResponseAnimation.ConnectionId = parsed.ServerResponseAnimation.ReqId = "";
        return Convert.ToHexString(parsed.ToByteArray());
    }

    private async Task<T> RecordAsync<T>(Func<LocalMotionServer, Task<T>> use)
    {
        await using LocalMotionServer upstream = await LocalMotionServer.StartAsync();
        await using LocalMotionServer recorder = await _cassette.RecordAsync(upstream);
        return await use(recorder);
    }
}
