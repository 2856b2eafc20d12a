using System.Net.WebSockets;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Tests.Cassettes;

public sealed class RecordingProxyTests : IAsyncLifetime, IDisposable
{
    private readonly TemporaryCassette _cassette = new();
    private ScriptedUpstream _upstream = null!;

    public async Task InitializeAsync() => _upstream = await ScriptedUpstream.StartAsync();

    public async Task DisposeAsync() => await _upstream.DisposeAsync();

    public void Dispose() => _cassette.Dispose();

    [Fact]
    public async Task Token_AnsweredWith201_IsReplayedAsAToken()
    {
        _upstream.OnToken = context =>
        {
            context.Response.StatusCode = 201;
            return context.Response.WriteAsync("""{"sessionToken":"token-of-the-upstream"}""");
        };
        await using (LocalMotionServer recorder = await _upstream.RecordAsync(_cassette.Path))
        {
            Assert.Equal("token-of-the-upstream", await RawClient.TokenAsync(recorder));
        }

        await using LocalMotionServer replay = await _cassette.ReplayAsync();
        Assert.NotEmpty(await RawClient.TokenAsync(replay));
    }

    [Theory]
    [InlineData("""{"data":{"sessionToken":"hidden-token"}}""")]
    [InlineData("""{"accessToken":"hidden-token"}""")]
    [InlineData("""{"sessionToken":"hidden-token"}}""")]
    [InlineData("hidden-token")]
    public async Task Token_AnsweredInAnUnknownWay_LeavesItsLengthOnly(string body)
    {
        _upstream.OnToken = context => context.Response.WriteAsync(body);
        await using (LocalMotionServer recorder = await _upstream.RecordAsync(_cassette.Path))
        {
            using HttpResponseMessage answer = await RawClient.PostTokenAsync(recorder);
            Assert.Equal(body, await answer.Content.ReadAsStringAsync());
        }

        Assert.DoesNotContain("hidden-token", _cassette.Readable, StringComparison.Ordinal);
        Assert.Equal(body.Length, Assert.Single(_cassette.Entries).GetProperty("omittedBytes").GetInt32());
        await using LocalMotionServer replay = await _cassette.ReplayAsync();
        using HttpResponseMessage replayed = await RawClient.PostTokenAsync(replay);
        Assert.Equal((200, body.Length), ((int)replayed.StatusCode, (await replayed.Content.ReadAsByteArrayAsync()).Length));
    }

    [Fact]
    public async Task Token_RefusedByErrorsInASuccess_KeepsThem()
    {
        _upstream.OnToken = context => context.Response.WriteAsync("""{"sessionToken":"hidden-token","errors":[{"code":"broke"}]}""");
        await using (LocalMotionServer recorder = await _upstream.RecordAsync(_cassette.Path))
        {
            using HttpResponseMessage answer = await RawClient.PostTokenAsync(recorder);
        }

        Assert.Contains("broke", _cassette.Readable, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden-token", _cassette.Readable, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Upgrade_AcceptedWithASubprotocolAndHeaders_PassesThemOn()
    {
        _upstream.OnUpgrade = async context =>
        {
            context.Response.Headers["X-Log-Id"] = "log-1";
            using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync("speech.v2");
            await socket.ReceiveAsync(new byte[16], context.RequestAborted);
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", context.RequestAborted);
        };
        await using LocalMotionServer recorder = await _upstream.RecordAsync(_cassette.Path);
        using var client = new ClientWebSocket();
        client.Options.CollectHttpResponseDetails = true;
        client.Options.AddSubProtocol("speech.v2");
        using var limit = new CancellationTokenSource(TaskTimeoutExtensions.Limit);
        await client.ConnectAsync(new Uri(recorder.IngressUrl + "/websocket?id=avatar"), limit.Token);

        Assert.Equal("speech.v2", client.SubProtocol);
        Assert.Equal(["log-1"], client.HttpResponseHeaders!["X-Log-Id"]);
        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, "", limit.Token);
    }

    [Theory]
    [InlineData("fault-upgrade-101-wrong-accept")]
    [InlineData("fault-upgrade-101-no-accept")]
    public async Task Upgrade_AcceptedWithAWrongKey_IsNotMadeGood(string avatarId)
    {
        await using LocalMotionServer faulty = await LocalMotionServer.StartAsync();
        await using (LocalMotionServer recorder = await _cassette.RecordAsync(faulty))
        {
            string token = await RawClient.TokenAsync(recorder);
            WebSocketException failure = await Assert.ThrowsAsync<WebSocketException>(() => RawClient.ConnectAsync(recorder, avatarId, token));
            Assert.Contains("'502'", failure.Message, StringComparison.Ordinal);
        }

        Assert.Single(_cassette.Entries);
    }

    [Fact]
    public async Task Upgrade_Redirected_IsReplayedWithItsLocationAndNoSecret()
    {
        _upstream.OnUpgrade = context =>
        {
            context.Response.StatusCode = 307;
            context.Response.Headers.Location = "/elsewhere?sessionKey=token-of-the-upstream";
            return Task.CompletedTask;
        };
        await using (LocalMotionServer recorder = await _upstream.RecordAsync(_cassette.Path))
        {
            await Assert.ThrowsAsync<WebSocketException>(() => RawClient.ConnectAsync(recorder, "avatar", "token-of-the-upstream", byQuery: true));
        }

        string location = _cassette.Entries.Single().GetProperty("location").GetString()!;
        Assert.Equal("/elsewhere?sessionKey=*********************", location);
        await using LocalMotionServer replay = await _cassette.ReplayAsync();
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        using var upgrade = new HttpRequestMessage(HttpMethod.Get, new Uri(replay.BaseAddress, "/v2/driveningress/websocket?id=avatar"));
        upgrade.Headers.Add("X-App-ID", "local-app");
        upgrade.Headers.Add("X-Session-Key", await RawClient.TokenAsync(replay));
        upgrade.Headers.Add("Connection", "Upgrade");
        upgrade.Headers.Add("Upgrade", "websocket");
        upgrade.Headers.Add("Sec-WebSocket-Version", "13");
        upgrade.Headers.Add("Sec-WebSocket-Key", "MDEyMzQ1Njc4OWFiY2RlZg==");
        using HttpResponseMessage answer = await http.SendAsync(upgrade);
        Assert.Equal((307, location), ((int)answer.StatusCode, answer.Headers.Location?.OriginalString));
    }

    [Fact]
    public async Task Parameters_WithShortSecretsAndInnocentNames_LeaveTheRestReadable()
    {
        await using (LocalMotionServer server = await LocalMotionServer.StartAsync())
        await using (LocalMotionServer recorder = await _cassette.RecordAsync(server))
        {
            using RawClient client = await RawClient.ConnectAsync(recorder, "avatar", await RawClient.TokenAsync(recorder));
            await client.ConfigureAsync(new ClientConfigureSession
            {
                SampleRate = 16000,
                ExtraParams = { ["author"] = "e", ["authMode"] = "1", ["api_key"] = "long-enough-key", ["clientSecret"] = "sh0rt" },
            });
            await client.SendRawAsync("the 1st text repeats long-enough-key"u8.ToArray(), WebSocketMessageType.Text);
            await client.CloseAsync();
        }

        JsonElement[] said = [.. _cassette.Entries.Where(entry => entry.TryGetProperty("from", out JsonElement from) && from.GetString() == "client")];
        Message configuration = Message.Parser.ParseFrom(TemporaryCassette.Data(said[0]));
        Assert.Equal(
            [("api_key", "***************"), ("authMode", "*"), ("author", "e"), ("clientSecret", "*****")],
            configuration.ClientConfigureSession.ExtraParams.Select(parameter => (parameter.Key, parameter.Value)).OrderBy(parameter => parameter.Key, StringComparer.Ordinal));
        Assert.Equal("the 1st text repeats ***************", System.Text.Encoding.UTF8.GetString(TemporaryCassette.Data(said[1])));
    }

    [Fact]
    public async Task Send_ToAServerThatDoesNotRead_IsCutAfterTheWriteTimeout()
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _upstream.OnUpgrade = async context =>
        {
            using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
            await ended.Task;
        };
        await using LocalMotionServer recorder = await _upstream.RecordAsync(_cassette.Path, options => options.WriteTimeout = TimeSpan.FromMilliseconds(200));
        using RawClient client = await RawClient.ConnectAsync(recorder, "avatar", "token");
        try
        {
            await Assert.ThrowsAnyAsync<WebSocketException>(async () =>
            {
                while (true)
                {
                    await client.SendRawAsync(new byte[256 * 1024]);
                }
            });
            await Eventually.TrueAsync(() => recorder.Connections.Count == 0);
        }
        finally
        {
            ended.SetResult();
        }
    }

    [Fact]
    public async Task Connect_BeyondTheLimit_IsAnsweredByTheRecorder()
    {
        await using LocalMotionServer server = await LocalMotionServer.StartAsync();
        await using LocalMotionServer recorder = await LocalMotionServer.StartAsync(new LocalMotionServerOptions
        {
            MaxConnections = 1,
            Record = new LocalMotion.Cassettes.RecordingOptions { File = _cassette.Path, ConsoleUrl = server.ConsoleUrl, IngressUrl = server.IngressUrl },
        });
        using RawClient first = await RawClient.OpenAsync(recorder);
        string token = await RawClient.TokenAsync(recorder);
        WebSocketException failure = await Assert.ThrowsAsync<WebSocketException>(() => RawClient.ConnectAsync(recorder, "avatar", token));

        Assert.Contains("'503'", failure.Message, StringComparison.Ordinal);
        Assert.Equal(1, server.Counters.ConnectionsAccepted);
    }
}
