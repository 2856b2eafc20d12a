using Microsoft.AspNetCore.Http;
using MotionGateway.MotionServer.Tests.Scripted;

namespace MotionGateway.MotionServer.Tests.Connections;

public sealed class SecretsTests
{
    private const string Echo = ScriptedServer.ApiKey + " and " + ScriptedServer.Token;

    public static TheoryData<string> Failures => ["token", "token-errors", "upgrade", "handshake", "handshake-close", "report", "close", "reset", "stall"];

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Failure_OfAnyKind_ShowsNoSecretEvenWhenTheServerRepeatsIt(string kind)
    {
        RecordingLogs logs = new();
        await using ScriptedServer server = await ScriptedServer.StartAsync(socket => PlayAsync(kind, socket));
        Arrange(server, kind);
        await using MotionServerClient client = server.Client(
            options =>
            {
                options.Auth = AuthPlacement.Query;
                options.StepTimeout = kind == "stall" ? TimeSpan.FromMilliseconds(200) : options.StepTimeout;
            },
            logs);

        MotionServerException failure = await ConnectAndReadAsync(client).Failure();

        string shown = string.Join('\n', failure, failure.RawBody, failure.ServerCode, failure.ServerTitle, failure.ServerDetail, failure.CloseReason, logs.All, client.ToString(), server.Options());
        Assert.DoesNotContain(ScriptedServer.ApiKey, shown, StringComparison.Ordinal);
        Assert.DoesNotContain(ScriptedServer.Token, shown, StringComparison.Ordinal);
        Assert.DoesNotContain("sessionKey", shown, StringComparison.Ordinal);
        Assert.DoesNotContain(logs.Entries, entry => entry.Level >= Microsoft.Extensions.Logging.LogLevel.Error);
    }

    [Theory]
    [InlineData("token", "plain")]
    [InlineData("connect", "plain")]
    [InlineData("connect", "deep")]
    [InlineData("connect", "odd")]
    [InlineData("region", "plain")]
    public async Task Failure_HandlerOfTheCallersThatTellsAll_ShowsNoSecret(string step, string kind)
    {
        RecordingLogs logs = new();
        using StubHttp http = new((request, _) => step == request.RequestUri!.AbsolutePath.Trim('/') || step == "connect" && request.Method == HttpMethod.Get
            ? throw Telling(request, kind)
            : Task.FromResult(StubHttp.Answer($$"""{"sessionToken":"{{ScriptedServer.Token}}"}""")));
        using HttpMessageInvoker invoker = http.Invoker();
        await using MotionServerClient client = new(
            new MotionServerOptions
            {
                AppId = ScriptedServer.AppId,
                ApiKey = ScriptedServer.ApiKey,
                Auth = AuthPlacement.Query,
                ConsoleUrl = new Uri("http://console.test"),
                IngressUrl = step == "region" ? null : new Uri("http://ingress.test"),
                Region = "auto",
                BootstrapUrl = new Uri("http://bootstrap.test/region"),
                TokenPath = "token",
            },
            invoker,
            loggerFactory: logs);

        string shown;
        if (step != "region")
        {
            MotionServerException failure = await client.ConnectAsync("avatar", new MotionAudioFormat(16000)).Failure();
            Assert.Equal(MotionServerErrorCode.ConnectionFailed, failure.Code);
            Assert.Contains(kind == "odd" ? "NotSupportedException" : "HttpRequestException", failure.InnerException!.ToString(), StringComparison.Ordinal);
            Assert.Contains("***", failure.InnerException.Message + failure.InnerException, StringComparison.Ordinal);
            shown = string.Join('\n', failure, failure.Message, failure.InnerException.Message, logs.All);
            for (Exception? inner = failure.InnerException; inner is not null; inner = inner.InnerException)
            {
                shown += $"\n{inner.Message}\n{string.Join('\n', inner.Data.Values.Cast<object>())}";
            }
        }
        else
        {
            await client.FetchTokenAsync();
            shown = logs.All;
            Assert.Contains("cannot be reached", shown, StringComparison.Ordinal);
        }

        Assert.DoesNotContain(ScriptedServer.ApiKey, shown, StringComparison.Ordinal);
        Assert.DoesNotContain(ScriptedServer.Token, shown, StringComparison.Ordinal);
    }

    [Fact]
    public void NoConnection_CauseThatShowsNothing_IsKeptAsItIs()
    {
        HttpRequestException cause = new("Connection refused.");

        Assert.Same(cause, MotionServer.Failures.NoConnection(MotionServerPhase.SessionToken, cause, new Secrets(ScriptedServer.ApiKey)).InnerException);
    }

    [Fact]
    public void NoConnection_SecretInTheDataOfACause_IsNotPassedOn()
    {
        IOException cause = new("Broken.", new IOException("Deeper.") { Data = { ["url"] = ScriptedServer.Token } });

        MotionServerException failure = MotionServer.Failures.NoConnection(MotionServerPhase.WebSocketConnect, cause, new Secrets(ScriptedServer.Token));

        Assert.Equal("System.IO.IOException: Broken.", failure.InnerException!.Message);
        Assert.Null(failure.InnerException.InnerException);
    }

    [Theory]
    [InlineData("wss://us%2Fer:pass%40word@rtc.example.com", "us/er", "pass@word")]
    [InlineData("wss://user-1@rtc.example.com", "user-1")]
    [InlineData("wss://rtc.example.com/?access_token=abcd%2Befgh&v=1", "abcd+efgh")]
    [InlineData("wss://rtc.example.com")]
    public void LiveKitEgress_CredentialsInItsUrl_AreSecrets(string url, params string[] secrets) => Assert.Equal(
        ["join-token", .. secrets], new LiveKitEgress(new Uri(url), "room", "avatar", "join-token").Secrets);

    [Fact]
    public async Task ConnectAsync_ServerRepeatsTheEgressUrl_ItsCredentialsAreMasked()
    {
        Uri url = new("wss://livekit-user:livekit%2Bpass@rtc.example.com");
        await using ScriptedServer server = await ScriptedServer.StartAsync(async socket =>
        {
            await socket.ReceiveAsync();
            await socket.SendErrorAsync(14, $"cannot join {url.OriginalString}, password livekit+pass");
        });
        await using MotionServerClient client = server.Client();

        MotionServerException failure = await client.ConnectAsync(new MotionConnectionOptions("avatar", new MotionAudioFormat(16000))
        {
            Egress = new LiveKitEgress(url, "room", "avatar", "join-token"),
        }).Failure();

        Assert.Equal("cannot join wss://***:***@rtc.example.com, password ***", failure.ServerDetail);
    }

    private static Exception Telling(HttpRequestMessage request, string kind)
    {
        string told = $"{request.Method} {request.RequestUri} with {ScriptedServer.ApiKey} failed";
        return kind switch
        {
            "deep" => new HttpRequestException("Failed.", new IOException(told)),
            "odd" => new NotSupportedException(told),
            _ => new HttpRequestException(told),
        };
    }

    private static void Arrange(ScriptedServer server, string kind)
    {
        if (kind == "token")
        {
            server.OnToken = context => Refuse(context, 403, $$"""{"errors":[{"code":"{{ScriptedServer.ApiKey}}","title":"{{ScriptedServer.ApiKey}}","detail":"{{ScriptedServer.ApiKey}}"}]}""");
        }
        else if (kind == "token-errors")
        {
            server.OnToken = context => context.Response.WriteAsync($$"""{"errors":[{"detail":"{{Echo}}"}],"sessionToken":"{{ScriptedServer.Token}}"}""");
        }
        else if (kind == "upgrade")
        {
            server.OnUpgrade = context => Refuse(context, 400, $"bad {context.Request.QueryString.Value} {Echo}".Replace("sessionKey", "", StringComparison.Ordinal));
        }
    }

    private static Task Refuse(HttpContext context, int status, string body)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(body);
    }

    private static async Task PlayAsync(string kind, ScriptedSocket socket)
    {
        if (kind == "handshake")
        {
            await socket.ReceiveAsync();
            await socket.SendErrorAsync(1, Echo);
            return;
        }

        if (kind == "handshake-close")
        {
            await socket.ReceiveAsync();
            await socket.CloseAsync(4010, Echo);
            return;
        }

        if (kind == "stall")
        {
            await socket.StallAsync();
            return;
        }

        await socket.ConfirmAsync();
        if (kind == "report")
        {
            await socket.SendErrorAsync(1, Echo, "r");
        }
        else if (kind == "close")
        {
            await socket.CloseAsync(4010, Echo);
        }
        else
        {
            socket.Reset();
        }
    }

    private static async Task ConnectAndReadAsync(MotionServerClient client)
    {
        await using IMotionConnection connection = await client.ConnectAsync("avatar", new MotionAudioFormat(16000));
        await connection.StartRequest("r").ReadAll();
    }
}
