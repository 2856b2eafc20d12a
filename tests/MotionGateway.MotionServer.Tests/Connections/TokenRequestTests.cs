using System.Text.Json;
using Microsoft.AspNetCore.Http;
using MotionGateway.MotionServer.Tests.Scripted;
using MotionGateway.Testing;
using Code = MotionGateway.MotionServer.MotionServerErrorCode;

namespace MotionGateway.MotionServer.Tests.Connections;

public sealed class TokenRequestTests
{
    [Theory]
    [InlineData("""{"sessionToken":"token-4fd1c07e"}""")]
    [InlineData("""{"session_token":"token-4fd1c07e","other":{}}""")]
    [InlineData("""{"errors":[],"sessionToken":"token-4fd1c07e"}""")]
    public async Task FetchTokenAsync_EitherDialect_ReadsTheToken(string body)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        server.OnToken = context => context.Response.WriteAsync(body);
        await using MotionServerClient client = server.Client();

        SessionToken token = await client.FetchTokenAsync().DefaultTimeout();

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

        SessionToken token = await client.FetchTokenAsync().DefaultTimeout();

        Assert.Equal(("/v1/console/session-tokens", ScriptedServer.ApiKey, "application/json"), (seen.Path, seen.Key, seen.Type));
        Assert.Equal(token.ExpiresAt.ToUnixTimeSeconds(), seen.Body.GetProperty("expireAt").GetInt64());
        Assert.InRange(token.ExpiresAt, before.AddSeconds(178), DateTimeOffset.UtcNow.AddSeconds(181));
    }

    [Theory]
    [InlineData(401, "no json", Code.SessionTokenInvalid, null, null)]
    [InlineData(402, "", Code.BillingRequired, null, null)]
    [InlineData(503, "<html>", Code.ServerError, null, null)]
    [InlineData(201, """{"sessionToken":"t"}""", Code.Unknown, null, null)]
    [InlineData(200, """{"errors":[{"code":"4001","title":"Broke","detail":"no credits"}]}""", Code.CreditsExhausted, "4001", "no credits")]
    [InlineData(200, """{"errors":[{"code":4003,"title":"Many"}],"sessionToken":"t"}""", Code.ConcurrencyLimit, "4003", null)]
    [InlineData(200, """{"errors":[{"status":"401","title":"Key"}]}""", Code.SessionTokenInvalid, null, null)]
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

    [Theory]
    [InlineData(429, "7", 7, MotionServerRetry.Delayed)]
    [InlineData(429, "1", 1, MotionServerRetry.Delayed)]
    [InlineData(429, null, 5, MotionServerRetry.Delayed)]
    [InlineData(503, "7", 7, MotionServerRetry.Backoff)]
    [InlineData(503, null, null, MotionServerRetry.Backoff)]
    [InlineData(408, null, null, MotionServerRetry.Backoff)]
    public async Task FetchTokenAsync_NotNow_TellsWhenToTryAgain(int status, string? header, int? seconds, MotionServerRetry retry)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        server.OnToken = context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.RetryAfter = header;
            return Task.CompletedTask;
        };
        await using MotionServerClient client = server.Client();

        MotionServerException failure = await client.FetchTokenAsync().Failure();

        TimeSpan? pause = seconds is int known ? TimeSpan.FromSeconds(known) : null;
        Assert.Equal((true, pause, retry), (failure.IsRetryable, failure.RetryAfter, failure.Retry));
    }
}
