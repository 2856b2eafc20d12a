using System.Text.Json;
using Microsoft.AspNetCore.Http;
using MotionGateway.MotionServer.Tests.Scripted;
using Code = MotionGateway.MotionServer.MotionServerErrorCode;

namespace MotionGateway.MotionServer.Tests.Connections;

public sealed class OpeningTests
{
    private static readonly MotionAudioFormat Format = new(16000);

    [Theory]
    [InlineData("""{"sessionToken":"token-4fd1c07e"}""")]
    [InlineData("""{"session_token":"token-4fd1c07e","other":{}}""")]
    [InlineData("""{"errors":[],"sessionToken":"token-4fd1c07e"}""")]
    public async Task FetchTokenAsync_EitherDialect_ReadsTheToken(string body)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        server.OnToken = context => context.Response.WriteAsync(body);
        await using MotionServerClient client = server.Client();

        SessionToken token = await client.FetchTokenAsync().Soon();

        Assert.Equal(ScriptedServer.Token, token.Value);
    }

    [Fact]
    public async Task FetchTokenAsync_Request_HasKeyPathAndExpiry()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        (string Path, string Key, string? Type, JsonElement Body) seen = default;
        server.OnToken = async context =>
        {
            seen = (context.Request.Path.Value!, context.Request.Headers["X-Api-Key"].ToString(), context.Request.ContentType,
                (await JsonDocument.ParseAsync(context.Request.Body)).RootElement);
            await context.Response.WriteAsync("""{"sessionToken":"t"}""");
        };
        await using MotionServerClient client = server.Client(options => options.TokenLifetime = TimeSpan.FromMinutes(3));
        DateTimeOffset before = DateTimeOffset.UtcNow;

        SessionToken token = await client.FetchTokenAsync().Soon();

        Assert.Equal(("/v1/console/session-tokens", ScriptedServer.ApiKey, "application/json"), (seen.Path, seen.Key, seen.Type));
        Assert.Equal(token.ExpiresAt.ToUnixTimeSeconds(), seen.Body.GetProperty("expireAt").GetInt64());
        Assert.InRange(token.ExpiresAt, before.AddSeconds(178), DateTimeOffset.UtcNow.AddSeconds(181));
    }

    [Theory]
    [InlineData(401, "no json", Code.SessionTokenExpired, null, null)]
    [InlineData(402, "", Code.BillingRequired, null, null)]
    [InlineData(503, "<html>", Code.ServerError, null, null)]
    [InlineData(201, """{"sessionToken":"t"}""", Code.Unknown, null, null)]
    [InlineData(200, """{"errors":[{"code":"4001","title":"Broke","detail":"no credits"}]}""", Code.CreditsExhausted, "4001", "no credits")]
    [InlineData(200, """{"errors":[{"code":4003,"title":"Many"}],"sessionToken":"t"}""", Code.ConcurrencyLimit, "4003", null)]
    [InlineData(200, """{"errors":[{"status":"401","title":"Key"}]}""", Code.SessionTokenExpired, null, null)]
    [InlineData(200, """{"errors":["app id mismatch"]}""", Code.AppIdMismatch, null, "app id mismatch")]
    [InlineData(400, """{"errors":[{"code":"INVALID_ARGUMENT","detail":"expireAt"}]}""", Code.InvalidRequest, "INVALID_ARGUMENT", "expireAt")]
    [InlineData(200, "not json", Code.ProtocolError, null, null)]
    [InlineData(200, "{}", Code.ProtocolError, null, null)]
    [InlineData(200, "[]", Code.ProtocolError, null, null)]
    [InlineData(200, """{"sessionToken":""}""", Code.ProtocolError, null, null)]
    [InlineData(200, """{"sessionToken":"a\nb"}""", Code.ProtocolError, null, null)]
    [InlineData(200, """{"sessionToken":"\ud800"}""", Code.ProtocolError, null, null)]
    public async Task FetchTokenAsync_Refusal_IsClassifiedAndKeepsTheBody(int status, string body, Code expected, string? serverCode, string? detail)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        server.OnToken = context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync(body);
        };
        await using MotionServerClient client = server.Client();

        MotionServerException failure = await client.FetchTokenAsync().Failure();

        Assert.Equal((expected, MotionServerPhase.SessionToken, status), (failure.Code, failure.Phase, failure.HttpStatus));
        Assert.Equal((serverCode, detail), (failure.ServerCode, failure.ServerDetail));
        Assert.NotNull(failure.RawBody);
        Assert.NotEqual(MotionServerRetry.FreshToken, failure.Retry);
    }

    [Theory]
    [InlineData(200, Code.ProtocolError)]
    [InlineData(500, Code.ServerError)]
    public async Task FetchTokenAsync_HugeBody_IsCutAtOneMebibyte(int status, Code expected)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        server.OnToken = async context =>
        {
            context.Response.StatusCode = status;
            for (int i = 0; i < 3; i++)
            {
                await context.Response.WriteAsync(new string('x', 1024 * 1024));
            }
        };
        await using MotionServerClient client = server.Client();

        MotionServerException failure = await client.FetchTokenAsync().Failure();

        Assert.Equal((expected, 1024 * 1024), (failure.Code, failure.RawBody!.Length));
        Assert.InRange(failure.Message.Length, 1, 1000);
    }

    [Fact]
    public async Task FetchTokenAsync_TooManyRequests_TellsWhenToTryAgain()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        server.OnToken = context =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "7";
            return Task.CompletedTask;
        };
        await using MotionServerClient client = server.Client();

        MotionServerException failure = await client.FetchTokenAsync().Failure();

        Assert.Equal((true, TimeSpan.FromSeconds(7), MotionServerRetry.Delayed), (failure.IsRetryable, failure.RetryAfter, failure.Retry));
    }

    [Theory]
    [InlineData(400, """{"message":"Invalid session token"}""", Code.SessionTokenInvalid, "Invalid session token")]
    [InlineData(404, "Avatar not found", Code.AvatarNotFound, "Avatar not found")]
    [InlineData(404, "", Code.AppIdUnrecognized, "")]
    [InlineData(404, """{"errors":[{"title":"Avatar not found"}]}""", Code.AvatarNotFound, null)]
    [InlineData(401, "Unauthorized", Code.SessionTokenExpired, "Unauthorized")]
    [InlineData(402, "x", Code.BillingRequired, "x")]
    [InlineData(400, """{"errors":[{"code":4001,"detail":"d"}]}""", Code.CreditsExhausted, "d")]
    [InlineData(400, "token is expired", Code.SessionTokenExpired, "token is expired")]
    [InlineData(502, "bad gateway", Code.ServerError, "bad gateway")]
    [InlineData(200, "hello", Code.Unknown, "hello")]
    public async Task ConnectAsync_RefusedUpgrade_IsToldApartByBodyAndStatus(int status, string body, Code expected, string? detail)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        server.OnUpgrade = context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync(body);
        };
        await using MotionServerClient client = server.Client();

        MotionServerException failure = await client.ConnectAsync("avatar", Format).Failure();

        Assert.Equal((expected, MotionServerPhase.WebSocketConnect, status, body), (failure.Code, failure.Phase, failure.HttpStatus, failure.RawBody));
        Assert.Equal(detail, failure.ServerDetail);
    }

    [Theory]
    [InlineData("Sec-WebSocket-Accept", "bm90IHRoZSByaWdodCBvbmU=")]
    [InlineData("Sec-WebSocket-Accept", null)]
    [InlineData("Upgrade", "h2c")]
    [InlineData("Sec-WebSocket-Extensions", "permessage-deflate")]
    [InlineData("Sec-WebSocket-Protocol", "other")]
    public async Task ConnectAsync_WrongUpgradeHeaders_IsAProtocolError(string header, string? value)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        server.OnUpgrade = async context =>
        {
            string key = context.Request.Headers.SecWebSocketKey.ToString();
#pragma warning disable CA5350 // RFC 6455 demands SHA-1.
            byte[] hash = System.Security.Cryptography.SHA1.HashData(System.Text.Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
#pragma warning restore CA5350
            context.Response.Headers.Upgrade = "websocket";
            context.Response.Headers.Connection = "Upgrade";
            context.Response.Headers.SecWebSocketAccept = Convert.ToBase64String(hash);
            context.Response.Headers[header] = value;
            await context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpUpgradeFeature>()!.UpgradeAsync();
        };
        await using MotionServerClient client = server.Client();

        MotionServerException failure = await client.ConnectAsync("avatar", Format).Failure();

        Assert.Equal((Code.ProtocolError, MotionServerPhase.WebSocketConnect), (failure.Code, failure.Phase));
        Assert.Contains(header, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(AuthPlacement.Headers, "?id=avatar%2F1", ScriptedServer.AppId, ScriptedServer.Token)]
    [InlineData(AuthPlacement.Query, "?id=avatar%2F1&appId=app-1&sessionKey=token-4fd1c07e", null, null)]
    public async Task ConnectAsync_Auth_TravelsWhereConfigured(AuthPlacement auth, string query, string? appId, string? token)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        await using MotionServerClient client = server.Client(options => options.Auth = auth);

        await using IMotionConnection connection = await client.ConnectAsync("avatar/1", Format).Soon();

        Assert.Equal(query, server.Upgrade!.Query);
        Assert.Equal(appId, server.Upgrade.Headers.GetValueOrDefault("X-App-ID"));
        Assert.Equal(token, server.Upgrade.Headers.GetValueOrDefault("X-Session-Key"));
        Assert.False(server.Upgrade.Headers.ContainsKey("Sec-WebSocket-Extensions"));
        Assert.False(server.Upgrade.Headers.ContainsKey("X-Api-Key"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ConnectAsync_BorrowedHttp_IsUsedAndNotDisposed(bool asClient)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using HttpMessageInvoker http = asClient ? new HttpClient() : new HttpMessageInvoker(new SocketsHttpHandler());
        for (int i = 0; i < 2; i++)
        {
            await using MotionServerClient client = server.Client(http: http);
            await using IMotionConnection connection = await client.ConnectAsync("avatar", Format).Soon();
            Assert.Equal(ScriptedServer.ConnectionId, connection.ConnectionId);
        }
    }

    [Fact]
    public async Task ConnectAsync_NobodyListens_IsConnectionFailed()
    {
        ScriptedServer server = await ScriptedServer.StartAsync();
        await using MotionServerClient client = server.Client();
        await server.DisposeAsync();

        MotionServerException failure = await client.ConnectAsync("avatar", Format).Failure();

        Assert.Equal((Code.ConnectionFailed, MotionServerPhase.SessionToken, true), (failure.Code, failure.Phase, failure.IsRetryable));
    }

    [Theory]
    [InlineData(MotionServerPhase.SessionToken)]
    [InlineData(MotionServerPhase.WebSocketConnect)]
    [InlineData(MotionServerPhase.WebSocketHandshake)]
    public async Task ConnectAsync_StalledStep_FailsWithinItsLimit(MotionServerPhase phase)
    {
        await using ScriptedServer server = await StalledAtAsync(phase, out _);
        await using MotionServerClient client = server.Client(options => options.StepTimeout = TimeSpan.FromMilliseconds(100));

        // The very first connection of a process can take longer than the limit; what is tried is the stalled step.
        MotionServerException failure;
        do
        {
            failure = await client.ConnectAsync("avatar", Format).Failure();
        }
        while (failure.Phase < phase);

        Assert.Equal((Code.ConnectionFailed, phase, true), (failure.Code, failure.Phase, failure.IsRetryable));
        Assert.Contains("0.1 seconds", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(MotionServerPhase.SessionToken)]
    [InlineData(MotionServerPhase.WebSocketConnect)]
    [InlineData(MotionServerPhase.WebSocketHandshake)]
    public async Task ConnectAsync_CancelledInAStep_ThrowsCanceled(MotionServerPhase phase)
    {
        await using ScriptedServer server = await StalledAtAsync(phase, out Task reached);
        await using MotionServerClient client = server.Client();
        using CancellationTokenSource cancel = new();

        Task connecting = client.ConnectAsync("avatar", Format, cancel.Token);
        await reached.Soon();
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting.Soon());
    }

    [Theory]
    [InlineData(MotionServerPhase.SessionToken)]
    [InlineData(MotionServerPhase.WebSocketConnect)]
    [InlineData(MotionServerPhase.WebSocketHandshake)]
    public async Task DisposeAsync_WhileConnecting_EndsTheConnect(MotionServerPhase phase)
    {
        await using ScriptedServer server = await StalledAtAsync(phase, out Task reached);
        MotionServerClient client = server.Client();

        Task connecting = client.ConnectAsync("avatar", Format);
        await reached.Soon();
        await client.DisposeAsync().AsTask().Soon();
        await client.DisposeAsync().AsTask().Soon();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => connecting.Soon());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.ConnectAsync("avatar", Format));
    }

    [Fact]
    public async Task DisposeAsync_OpenConnections_AreClosed()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        MotionServerClient client = server.Client();
        IMotionConnection connection = await client.ConnectAsync("avatar", Format).Soon();

        await client.DisposeAsync().AsTask().Soon();

        Assert.True(connection.Completion.IsCompletedSuccessfully);
        await server.ScriptEnded.Task.Soon();
    }

    private static Task<ScriptedServer> StalledAtAsync(MotionServerPhase phase, out Task reached)
    {
        TaskCompletionSource signal = new(TaskCreationOptions.RunContinuationsAsynchronously);
        reached = signal.Task;
        return StartAsync();

        async Task<ScriptedServer> StartAsync()
        {
            ScriptedServer server = await ScriptedServer.StartAsync(async socket =>
            {
                await socket.ReceiveAsync();
                signal.TrySetResult();
                await socket.StallAsync();
            });
            RequestDelegate stall = async context =>
            {
                signal.TrySetResult();
                await new ScriptedSocket(null!, context).StallAsync();
            };
            if (phase == MotionServerPhase.SessionToken)
            {
                server.OnToken = stall;
            }
            else if (phase == MotionServerPhase.WebSocketConnect)
            {
                server.OnUpgrade = stall;
            }

            return server;
        }
    }
}
