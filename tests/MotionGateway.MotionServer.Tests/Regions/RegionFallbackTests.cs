using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using MotionGateway.MotionServer.Tests.Scripted;
using MotionGateway.Testing;
using Code = MotionGateway.MotionServer.MotionServerErrorCode;

namespace MotionGateway.MotionServer.Tests.Regions;

public sealed class RegionFallbackTests
{
    private const string Main = "us-west";
    private const string Second = "ap-northeast";
    private const string Third = "eu-central";

    private static readonly MotionAudioFormat Format = new(16000);

    /// <summary>What happens in the first region, and whether the next one is tried.</summary>
    public static TheoryData<string, bool> Kinds => new()
    {
        { "no listener", true },
        { "token stall", true },
        { "token 500", true },
        { "token 503", true },
        { "token 408", true },
        { "token 302", true },
        { "token 400", false },
        { "token 401", false },
        { "token 402", false },
        { "token 403", false },
        { "token 429", false },
        { "token 200", false },
        { "upgrade stall", true },
        { "upgrade 500", true },
        { "upgrade 502", true },
        { "upgrade 408", true },
        { "upgrade 402", false },
        { "upgrade 404", false },
        { "upgrade 429", false },
        { "handshake stall", true },
        { "handshake reset", true },
        { "handshake text", false },
        { "error 14", true },
        { "error 5", true },
        { "error 3", false },
        { "error 16", false },
        { "error 4001", false },
        { "error 4002", false },
        { "error 4003", false },
        { "close 4503", true },
        { "close 4500", true },
        { "close 1011", true },
        { "close 4001", false },
        { "close 4002", false },
        { "close 4003", false },
        { "close 4020", false },
    };

    /// <summary>Each stable code without more known about the failure.</summary>
    public static TheoryData<Code, bool> Codes => new()
    {
        { Code.Unknown, true },
        { Code.SessionTokenExpired, false },
        { Code.SessionTokenInvalid, false },
        { Code.AppIdUnrecognized, false },
        { Code.AppIdMismatch, false },
        { Code.AvatarNotFound, false },
        { Code.BillingRequired, false },
        { Code.CreditsExhausted, false },
        { Code.SessionDurationExceeded, false },
        { Code.ConcurrencyLimit, false },
        { Code.UnsupportedSampleRate, false },
        { Code.InvalidEgressConfig, false },
        { Code.EgressUnavailable, true },
        { Code.IdleTimeout, false },
        { Code.UpstreamError, true },
        { Code.InvalidRequest, false },
        { Code.ConnectionFailed, true },
        { Code.ConnectionClosed, true },
        { Code.ProtocolError, false },
        { Code.ServerError, true },
    };

    [Theory]
    [MemberData(nameof(Codes))]
    public void IsRegional_Code_IsAsTheTableSays(Code code, bool expected) =>
        Assert.Equal(expected, RegionRoute.IsRegional(new MotionServerException(code, MotionServerPhase.WebSocketConnect, "x")));

    [Fact]
    public void IsRegional_Codes_AreAllInTheTable() =>
        Assert.Equal(Enum.GetValues<Code>().Order(), Codes.Select(row => (Code)row[0]).Order());

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task ConnectAsync_FirstRegionFails_GoesOnWhereThatHelps(string kind, bool goesOn)
    {
        await using ScriptedRegions regions = await ScriptedRegions.StartAsync(Main, Second);
        await BreakAsync(regions[Main], kind);
        bool isSlow = kind.EndsWith("stall", StringComparison.Ordinal);
        await using MotionServerClient client = regions.Client(options => options.StepTimeout = TimeSpan.FromSeconds(isSlow ? 1 : 10));

        if (goesOn)
        {
            await using IMotionConnection connection = await client.ConnectAsync("avatar", Format).Soon();
            Assert.Equal(Second, connection.Region);
        }
        else
        {
            MotionServerException failure = await client.ConnectAsync("avatar", Format).Failure();
            Assert.Equal(Main, failure.Region);
            Assert.Empty(failure.RegionFailures);
            Assert.DoesNotContain(regions.Upgrades, upgrade => upgrade.EndsWith(Second, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task ConnectAsync_AllRegionsFail_ThrowsTheFirstWithTheOthers()
    {
        await using ScriptedRegions regions = await ScriptedRegions.StartAsync(Main, Second, Third);
        await BreakAsync(regions[Main], "upgrade 503");
        await BreakAsync(regions[Second], "error 14");
        await BreakAsync(regions[Third], "close 4503");
        await using MotionServerClient client = regions.Client();

        MotionServerException failure = await client.ConnectAsync("avatar", Format).Failure();

        Assert.Equal((Code.ServerError, Main, 503, MotionServerPhase.WebSocketConnect), (failure.Code, failure.Region, failure.HttpStatus, failure.Phase));
        Assert.Equal(
            [(Code.EgressUnavailable, Second), (Code.UpstreamError, Third)],
            failure.RegionFailures.Select(other => (other.Code, other.Region)));
    }

    [Fact]
    public async Task ConnectAsync_SecondRegionRefusesForGood_ThrowsThatWithTheFirst()
    {
        await using ScriptedRegions regions = await ScriptedRegions.StartAsync(Main, Second, Third);
        await BreakAsync(regions[Main], "upgrade 503");
        await BreakAsync(regions[Second], "error 4001");
        await using MotionServerClient client = regions.Client();

        MotionServerException failure = await client.ConnectAsync("avatar", Format).Failure();

        Assert.Equal((Code.CreditsExhausted, Second, MotionServerRetry.Never), (failure.Code, failure.Region, failure.Retry));
        Assert.Equal([(Code.ServerError, Main)], failure.RegionFailures.Select(other => (other.Code, other.Region)));
    }

    [Fact]
    public async Task ConnectAsync_TokenNotUsedYet_OpensTheNextRegion()
    {
        await using ScriptedRegions regions = await ScriptedRegions.StartAsync(Main, Second);
        await BreakAsync(regions[Main], "upgrade 503");
        await using MotionServerClient client = regions.Client();

        await using IMotionConnection connection = await client.ConnectAsync("avatar", Format).Soon();

        Assert.Equal([$"{Main}:1@{Main}", $"{Main}:1@{Second}"], regions.Upgrades);
        Assert.Equal(0, regions.TokensOf(Second));
    }

    [Fact]
    public async Task ConnectAsync_TokenUsedUp_IsNotTakenToTheNextRegion()
    {
        await using ScriptedRegions regions = await ScriptedRegions.StartAsync(Main, Second);
        await BreakAsync(regions[Main], "close 4503");
        await using MotionServerClient client = regions.Client();

        await using IMotionConnection connection = await client.ConnectAsync("avatar", Format).Soon();

        Assert.Equal([$"{Main}:1@{Main}", $"{Second}:1@{Second}"], regions.Upgrades);
    }

    [Fact]
    public async Task ConnectAsync_TokenOfAnotherRegionRefused_IsRenewedThere()
    {
        await using ScriptedRegions regions = await ScriptedRegions.StartAsync(Main, Second);
        await BreakAsync(regions[Main], "upgrade 503");
        regions[Second].OnUpgrading = token =>
        {
            regions.Upgrades.Enqueue(token);
            regions[Second].OnUpgrade = token.StartsWith(Main, StringComparison.Ordinal) ? context => Answer(context, 401) : null;
        };
        await using MotionServerClient client = regions.Client();

        await using IMotionConnection connection = await client.ConnectAsync("avatar", Format).Soon();

        Assert.Equal([$"{Main}:1@{Main}", $"{Main}:1", $"{Second}:1"], regions.Upgrades);
    }

    [Fact]
    public async Task ConnectAsync_RegionThatHasFailed_IsLastUntilItHasCooledDown()
    {
        ManualTimeProvider time = new();
        await using ScriptedRegions regions = await ScriptedRegions.StartAsync(Main, Second);
        await BreakAsync(regions[Main], "upgrade 503");
        await using MotionServerClient client = regions.Client(time: time);

        Assert.Equal([Main, Second], await AttemptAsync());
        regions[Main].OnUpgrade = null;
        Assert.Equal([Second], await AttemptAsync());
        time.Advance(TimeSpan.FromSeconds(30) - TimeSpan.FromTicks(1));
        Assert.Equal([Second], await AttemptAsync());
        await BreakAsync(regions[Second], "upgrade 503");
        Assert.Equal([Second, Main], await AttemptAsync());
        Assert.Equal([Main], await AttemptAsync());

        async Task<string[]> AttemptAsync()
        {
            regions.Upgrades.Clear();
            await using IMotionConnection connection = await client.ConnectAsync("avatar", Format).Soon();
            return [.. regions.Upgrades.Select(upgrade => upgrade.Split('@')[1])];
        }
    }

    [Fact]
    public async Task ConnectAsync_CooledDownRegion_IsFirstAgain()
    {
        ManualTimeProvider time = new();
        await using ScriptedRegions regions = await ScriptedRegions.StartAsync(Main, Second);
        await BreakAsync(regions[Main], "upgrade 503");
        await using MotionServerClient client = regions.Client(time: time);
        await (await client.ConnectAsync("avatar", Format).Soon()).DisposeAsync();
        regions[Main].OnUpgrade = null;

        time.Advance(TimeSpan.FromSeconds(30));
        await using IMotionConnection connection = await client.ConnectAsync("avatar", Format).Soon();

        Assert.Equal(Main, connection.Region);
    }

    [Fact]
    public async Task ConnectAsync_BootstrapNamesAFallbackRegion_TriesItOnce()
    {
        await using ScriptedRegions regions = await ScriptedRegions.StartAsync(Main, Second);
        await using ScriptedServer bootstrap = await ScriptedServer.StartAsync();
        bootstrap.OnToken = context => context.Response.WriteAsync($$$"""{"region":{"current":"{{{Second}}}"}}""");
        await BreakAsync(regions[Second], "upgrade 503");
        await using MotionServerClient client = regions.Client(options =>
        {
            options.Region = "auto";
            options.BootstrapUrl = new Uri(bootstrap.Url, "/bootstrap");
            options.FallbackRegions = [Second, Main];
        });

        await using IMotionConnection connection = await client.ConnectAsync("avatar", Format).Soon();

        Assert.Equal([$"{Second}:1@{Second}", $"{Second}:1@{Main}"], regions.Upgrades);
        Assert.Equal(Main, connection.Region);
    }

    [Fact]
    public async Task ConnectAsync_Fallback_IsLoggedWithBothRegionsAndNoSecret()
    {
        RecordingLogs logs = new();
        await using ScriptedRegions regions = await ScriptedRegions.StartAsync(Main, Second);
        await BreakAsync(regions[Main], "upgrade 503");
        await using MotionServerClient client = regions.Client(logs: logs);

        await using IMotionConnection connection = await client.ConnectAsync("avatar", Format).Soon();

        Assert.Contains($"Region {Main} of the Motion Server failed: serverError in websocket_connect; {Second} is tried next.", logs.All, StringComparison.Ordinal);
        Assert.Contains($"region {Second}, is open", logs.All, StringComparison.Ordinal);
        Assert.DoesNotContain($"{Main}:1", logs.All, StringComparison.Ordinal);
        Assert.DoesNotContain(ScriptedServer.ApiKey, logs.All, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FetchTokenAsync_FirstRegionDown_FetchesInTheNext()
    {
        await using ScriptedRegions regions = await ScriptedRegions.StartAsync(Main, Second);
        await BreakAsync(regions[Main], "token 500");
        await using MotionServerClient client = regions.Client();

        Assert.Equal($"{Second}:1", (await client.FetchTokenAsync().Soon()).Value);
    }

    [Fact]
    public async Task ConnectAsync_CancelledInTheFirstRegion_DoesNotGoOn()
    {
        await using ScriptedRegions regions = await ScriptedRegions.StartAsync(Main, Second);
        TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        regions[Main].OnToken = async context =>
        {
            reached.TrySetResult();
            await new ScriptedSocket(null!, context).StallAsync();
        };
        await using MotionServerClient client = regions.Client();
        using CancellationTokenSource cancel = new();

        Task connecting = client.ConnectAsync("avatar", Format, cancel.Token);
        await reached.Task.Soon();
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting.Soon());
        Assert.Empty(regions.Upgrades);
        Assert.Equal(0, regions.TokensOf(Second));
    }

    private static async Task BreakAsync(ScriptedServer server, string kind)
    {
        if (kind == "no listener")
        {
            await server.DisposeAsync();
            return;
        }

        string[] words = kind.Split(' ');
        RequestDelegate answer = words[1] == "stall"
            ? context => new ScriptedSocket(null!, context).StallAsync()
            : context => Answer(context, int.TryParse(words[1], out int status) ? status : 0);
        if (words[0] == "token")
        {
            server.OnToken = answer;
        }
        else if (words[0] == "upgrade")
        {
            server.OnUpgrade = answer;
        }
        else
        {
            server.Script = socket => PlayAsync(socket, words[0], words[1]);
        }
    }

    private static Task Answer(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    private static async Task PlayAsync(ScriptedSocket socket, string what, string how)
    {
        await socket.ReceiveAsync();
        switch (what, how)
        {
            case ("handshake", "stall"):
                await socket.StallAsync();
                break;
            case ("handshake", "reset"):
                socket.Reset();
                break;
            case ("handshake", "text"):
                await socket.SendRawAsync("hello"u8.ToArray(), WebSocketMessageType.Text);
                break;
            case ("error", _):
                await socket.SendErrorAsync(int.Parse(how, System.Globalization.CultureInfo.InvariantCulture), "no");
                break;
            default:
                await socket.CloseAsync(int.Parse(how, System.Globalization.CultureInfo.InvariantCulture));
                break;
        }
    }
}
