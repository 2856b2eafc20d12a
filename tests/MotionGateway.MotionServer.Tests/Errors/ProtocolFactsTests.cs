using Microsoft.AspNetCore.Http;
using MotionGateway.MotionServer.Tests.Connections;
using MotionGateway.MotionServer.Tests.Scripted;

namespace MotionGateway.MotionServer.Tests.Errors;

/// <summary>What a client is to make of each refusal, as the protocol says it and in the words of that: over the wire, from the refusal to the exception.</summary>
public sealed class ProtocolFactsTests
{
    public static TheoryData<int, string> Token => new()
    {
        { 401, "sessionTokenInvalid never" },
        { 403, "appIDUnrecognized never" },
        { 408, "connectionFailed backoff" },
        { 429, "concurrencyLimit delayed" },
        { 500, "serverError backoff" },
        { 502, "serverError backoff" },
        { 503, "serverError backoff" },
        { 504, "serverError backoff" },
    };

    public static TheoryData<int, string, string> Upgrade => new()
    {
        { 400, """{"message":"Invalid session token"}""" + "\n", "sessionTokenInvalid fresh_token" },
        { 400, "Invalid session token", "sessionTokenInvalid fresh_token" },
        { 401, "", "sessionTokenExpired fresh_token" },
        { 402, "", "billingRequired never" },
        { 404, """{"message":"Avatar not found: avatar"}""" + "\n", "avatarNotFound never" },
        { 404, "Avatar not found: avatar", "avatarNotFound never" },
        { 404, "", "appIDUnrecognized never" },
        { 408, "", "connectionFailed backoff" },
        { 429, "slow down", "concurrencyLimit delayed" },
        { 503, "", "serverError backoff" },
    };

    public static TheoryData<int, string> Reports => new()
    {
        { 4001, "creditsExhausted never" },
        { 4002, "sessionDurationExceeded immediate" },
        { 4003, "concurrencyLimit delayed" },
        { 4010, "sessionTokenInvalid fresh_token" },
        { 4503, "upstreamError backoff" },
        { 0, "serverError backoff" },
        { 3, "invalidRequest never" },
        { 13, "serverError backoff" },
        { 14, "egressUnavailable backoff" },
        { 16, "invalidEgressConfig never" },
    };

    [Theory]
    [MemberData(nameof(Token))]
    public async Task FetchTokenAsync_EachStatus_IsClassifiedByItWhateverTheBodySays(int status, string expected)
    {
        string[] bodies =
        [
            "", "no", """{"message":"Unauthorized"}""", """{"errors":[{"code":"UNAUTHENTICATED","title":"Unauthorized","detail":"livekit_egress"}]}""",
            """{"errors":[{"code":"UNAVAILABLE","detail":"failed to create egress connection"}]}""", """{"errors":[{"code":"INVALID_ARGUMENT","detail":"credits exhausted"}]}""",
        ];
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        await using MotionServerClient client = server.Client();
        foreach (string body in bodies)
        {
            server.OnToken = context => RefuseAsync(context, status, body);

            Assert.Equal($"{expected} session_token", Told(await client.ConnectAsync("avatar", new MotionAudioFormat(16000)).Failure()));
        }
    }

    [Theory]
    [MemberData(nameof(Upgrade))]
    public async Task ConnectAsync_EachRefusal_IsClassified(int status, string body, string expected)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        server.OnUpgrade = context => RefuseAsync(context, status, body);
        await using MotionServerClient client = server.Client();

        Assert.Equal($"{expected} websocket_connect", Told(await client.ConnectAsync("avatar", new MotionAudioFormat(16000)).Failure()));
    }

    [Theory]
    [MemberData(nameof(Reports))]
    public async Task ServerError_InTheHandshake_WithAndWithoutAClose(int code, string expected)
    {
        foreach (int? closeCode in Closes(code))
        {
            await using ScriptedServer server = await ScriptedServer.StartAsync(async socket =>
            {
                await socket.ReceiveAsync();
                await ReportAsync(socket, code, closeCode, "");
            });
            await using MotionServerClient client = server.Client();

            MotionServerException failure = await client.ConnectAsync("avatar", new MotionAudioFormat(16000)).Failure();

            Assert.Equal($"{expected} websocket_handshake", Told(failure));
            Assert.Equal(closeCode, failure.CloseCode);
        }
    }

    [Theory]
    [MemberData(nameof(Reports))]
    public async Task ServerError_InSession_WithAndWithoutAClose(int code, string expected)
    {
        foreach (int? closeCode in Closes(code))
        {
            await using Session session = await Session.OpenAsync(socket => ReportAsync(socket, code, closeCode, "r"));

            MotionServerException failure = await session.Request.ReadAll().Failure();

            Assert.Equal($"{expected} websocket_runtime", Told(failure));
            Assert.Equal((closeCode, "r"), (failure.CloseCode, failure.RequestId));
            if (closeCode is null)
            {
                Assert.NotNull(session.Connection.StartRequest());
            }
        }
    }

    // A close has the error's own code where that is one.
    private static int?[] Closes(int code) => [null, code >= 4000 ? code : 1011];

    private static async Task ReportAsync(ScriptedSocket socket, int code, int? closeCode, string requestId)
    {
        await socket.SendErrorAsync(code, "it is over", requestId);
        await (closeCode is int known ? socket.CloseAsync(known) : socket.StallAsync());
    }

    private static Task RefuseAsync(HttpContext context, int status, string body)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(body);
    }

    private static string Told(MotionServerException failure) =>
        $"{failure.Code.ToStableName()} {failure.Retry.ToStableName()} {failure.Phase.ToStableName()}";
}
