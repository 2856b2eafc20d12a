using MotionGateway.MotionServer.Tests.Scripted;
using MotionGateway.Testing;
using Code = MotionGateway.MotionServer.MotionServerErrorCode;

namespace MotionGateway.MotionServer.Tests.Tokens;

/// <summary>Which tokens open connections, seen by the server.</summary>
public sealed class ConnectTokenTests
{
    private const string Region = "us-west";

    private static readonly MotionAudioFormat Format = new(16000);

    [Fact]
    public async Task ConnectAsync_ByDefault_FetchesATokenForEachConnection()
    {
        await using ScriptedRegions regions = await ScriptedRegions.StartAsync(Region);
        await using MotionServerClient client = regions.Client();

        await ConnectAsync(client, 3);

        Assert.Equal([$"{Region}:1@{Region}", $"{Region}:2@{Region}", $"{Region}:3@{Region}"], regions.Upgrades);
        Assert.Equal(3, regions.TokensOf(Region));
    }

    [Fact]
    public async Task ConnectAsync_ManyWithTokensAhead_UseEachTokenOnce()
    {
        await using ScriptedRegions regions = await ScriptedRegions.StartAsync(Region);
        await using MotionServerClient client = regions.Client(options => options.TokensAhead = 4);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => ConnectAsync(client, 1))).DefaultTimeout();

        Assert.Equal(20, regions.Upgrades.Count);
        Assert.Equal(20, regions.Upgrades.Distinct().Count());
    }

    [Fact]
    public async Task ConnectAsync_TokenAhead_WaitsForNoConsole()
    {
        await using ScriptedRegions regions = await ScriptedRegions.StartAsync(Region);
        await using MotionServerClient client = regions.Client(options => options.TokensAhead = 1);
        await ConnectAsync(client, 1);
        await Eventually.TrueAsync(() => regions.TokensOf(Region) == 2);
        // The answer that was seen to leave the server may still be on its way.
        await Eventually.TrueAsync(() => client.TokensReady == 1);
        regions[Region].OnToken = context => new ScriptedSocket(null!, context).StallAsync();

        await ConnectAsync(client, 1);

        Assert.Equal(2, regions.Upgrades.Count);
    }

    [Theory]
    [InlineData("upgrade 400")]
    [InlineData("upgrade 401")]
    [InlineData("close 4010")]
    [InlineData("error")]
    public async Task ConnectAsync_EarlierTokenRefused_TakesAFreshOneOnce(string how)
    {
        await using ScriptedRegions regions = await ScriptedRegions.StartAsync(Region);
        Refuse(regions[Region], how, token => token == $"{Region}:1");
        await using MotionServerClient client = regions.Client();
        await client.PrewarmAsync().DefaultTimeout();

        await ConnectAsync(client, 1);

        Assert.Equal([$"{Region}:1@{Region}", $"{Region}:2@{Region}"], regions.Upgrades);
        Assert.Equal(2, regions.TokensOf(Region));
    }

    [Fact]
    public async Task ConnectAsync_FreshTokenRefusedToo_IsTheFailure()
    {
        await using ScriptedRegions regions = await ScriptedRegions.StartAsync(Region);
        Refuse(regions[Region], "upgrade 401", _ => true);
        await using MotionServerClient client = regions.Client();
        await client.PrewarmAsync().DefaultTimeout();

        MotionServerException failure = await client.ConnectAsync("avatar", Format).Failure();

        Assert.Equal((Code.SessionTokenExpired, MotionServerRetry.FreshToken), (failure.Code, failure.Retry));
        Assert.Equal(2, regions.TokensOf(Region));
    }

    [Fact]
    public async Task ConnectAsync_TokenOfThisVeryConnectRefused_IsTheFailureAtOnce()
    {
        await using ScriptedRegions regions = await ScriptedRegions.StartAsync(Region);
        Refuse(regions[Region], "upgrade 401", token => token == $"{Region}:1");
        await using MotionServerClient client = regions.Client();

        await client.ConnectAsync("avatar", Format).Failure();
        Assert.Equal(1, regions.TokensOf(Region));

        // It is not kept for anybody else.
        await ConnectAsync(client, 1);
        Assert.Equal([$"{Region}:1@{Region}", $"{Region}:2@{Region}"], regions.Upgrades);
    }

    private static async Task ConnectAsync(MotionServerClient client, int count)
    {
        for (int i = 0; i < count; i++)
        {
            await using IMotionConnection connection = await client.ConnectAsync("avatar", Format).DefaultTimeout();
        }
    }

    private static void Refuse(ScriptedServer server, string how, Func<string, bool> isRefused)
    {
        if (how.StartsWith("upgrade", StringComparison.Ordinal))
        {
            Action<string> before = server.OnUpgrading;
            server.OnUpgrading = token =>
            {
                before(token);
                server.OnUpgrade = !isRefused(token) ? null : context =>
                {
                    context.Response.StatusCode = int.Parse(how.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
                    return Task.CompletedTask;
                };
            };
            return;
        }

        server.Script = async socket =>
        {
            if (!isRefused(server.Upgrade!.Headers["X-Session-Key"]))
            {
                await socket.ConfirmAsync();
                await socket.ReadToCloseAsync();
            }
            else if (how == "error")
            {
                await socket.ReceiveAsync();
                await socket.SendErrorAsync(1, "invalid session token");
            }
            else
            {
                await socket.ReceiveAsync();
                await socket.CloseAsync(4010);
            }
        };
    }
}
