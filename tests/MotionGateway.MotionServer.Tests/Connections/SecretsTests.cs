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
        await connection.ReadAll();
    }
}
