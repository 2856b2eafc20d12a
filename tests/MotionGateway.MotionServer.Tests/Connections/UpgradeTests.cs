using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using MotionGateway.MotionServer.Tests.Scripted;
using MotionGateway.Testing;
using Code = MotionGateway.MotionServer.MotionServerErrorCode;

namespace MotionGateway.MotionServer.Tests.Connections;

public sealed class UpgradeTests
{
    private static readonly MotionAudioFormat Format = new(16000);

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
            ScriptedUpgrade.Answer(context);
            context.Response.Headers[header] = value;
            await ScriptedUpgrade.CompleteAsync(context);
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

        await using IMotionConnection connection = await client.ConnectAsync("avatar/1", Format).DefaultTimeout();

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
            await using IMotionConnection connection = await client.ConnectAsync("avatar", Format).DefaultTimeout();
            Assert.Equal(ScriptedServer.ConnectionId, connection.ConnectionId);
        }
    }

    [Fact]
    public async Task ConnectAsync_CallersTraceAndBaggage_StayOutOfTheHeaders()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        List<string> told = [];
        server.OnToken = context =>
        {
            told.AddRange(context.Request.Headers.Keys);
            return context.Response.WriteAsync("""{"sessionToken":"t"}""");
        };
        await using MotionServerClient client = server.Client();
        using Activity caller = new Activity("caller").AddBaggage("user", "someone");
        caller.TraceStateString = "vendor=1";
        caller.Start();

        await using IMotionConnection connection = await client.ConnectAsync("avatar", Format).DefaultTimeout();

        Assert.Contains("X-Api-Key", told);
        told.AddRange(server.Upgrade!.Headers.Keys);
        Assert.Empty(told.Intersect(["traceparent", "tracestate", "baggage", "Correlation-Context", "Request-Id"], StringComparer.OrdinalIgnoreCase));
    }
}
