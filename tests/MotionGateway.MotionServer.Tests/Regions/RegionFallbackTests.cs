using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
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

    [Fact]
    public async Task ConnectAsync_AllRegionsFail_ThrowsTheFirstWithTheOthers()
    {
        await using ScriptedRegions regions = await ScriptedRegions.StartAsync(Main, Second, Third);
        await regions[Main].BreakAsync("upgrade 503");
        await regions[Second].BreakAsync("error 14");
        await regions[Third].BreakAsync("close 4503");
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
        await regions[Main].BreakAsync("upgrade 503");
        await regions[Second].BreakAsync("error 4001");
        await using MotionServerClient client = regions.Client();

        MotionServerException failure = await client.ConnectAsync("avatar", Format).Failure();

        Assert.Equal((Code.CreditsExhausted, Second, MotionServerRetry.Never), (failure.Code, failure.Region, failure.Retry));
        Assert.Equal([(Code.ServerError, Main)], failure.RegionFailures.Select(other => (other.Code, other.Region)));
    }

    [Fact]
    public async Task ConnectAsync_TokenNotUsedYet_OpensTheNextRegion()
    {
        await using ScriptedRegions regions = await ScriptedRegions.StartAsync(Main, Second);
        await regions[Main].BreakAsync("upgrade 503");
        await using MotionServerClient client = regions.Client();

        await using IMotionConnection connection = await client.ConnectAsync("avatar", Format).DefaultTimeout();

        Assert.Equal([$"{Main}:1@{Main}", $"{Main}:1@{Second}"], regions.Upgrades);
        Assert.Equal(0, regions.TokensOf(Second));
    }

    [Fact]
    public async Task ConnectAsync_TokenUsedUp_IsNotTakenToTheNextRegion()
    {
        await using ScriptedRegions regions = await ScriptedRegions.StartAsync(Main, Second);
        await regions[Main].BreakAsync("close 4503");
        await using MotionServerClient client = regions.Client();

        await using IMotionConnection connection = await client.ConnectAsync("avatar", Format).DefaultTimeout();

        Assert.Equal([$"{Main}:1@{Main}", $"{Second}:1@{Second}"], regions.Upgrades);
    }

    [Fact]
    public async Task ConnectAsync_TokenOfAnotherRegionRefused_IsRenewedThere()
    {
        await using ScriptedRegions regions = await ScriptedRegions.StartAsync(Main, Second);
        await regions[Main].BreakAsync("upgrade 503");
        regions[Second].OnUpgrading = token =>
        {
            regions.Upgrades.Enqueue(token);
            regions[Second].OnUpgrade = token.StartsWith(Main, StringComparison.Ordinal) ? context => BrokenServers.Answer(context, 401) : null;
        };
        await using MotionServerClient client = regions.Client();

        await using IMotionConnection connection = await client.ConnectAsync("avatar", Format).DefaultTimeout();

        Assert.Equal([$"{Main}:1@{Main}", $"{Main}:1", $"{Second}:1"], regions.Upgrades);
    }

    [Fact]
    public async Task ConnectAsync_RegionThatHasFailed_IsLastUntilItHasCooledDown()
    {
        FakeTimeProvider time = new();
        await using ScriptedRegions regions = await ScriptedRegions.StartAsync(Main, Second);
        await regions[Main].BreakAsync("upgrade 503");
        await using MotionServerClient client = regions.Client(time: time);

        Assert.Equal([Main, Second], await AttemptAsync());
        regions[Main].OnUpgrade = null;
        Assert.Equal([Second], await AttemptAsync());
        time.Advance(TimeSpan.FromSeconds(30) - TimeSpan.FromTicks(1));
        Assert.Equal([Second], await AttemptAsync());
        await regions[Second].BreakAsync("upgrade 503");
        Assert.Equal([Second, Main], await AttemptAsync());
        Assert.Equal([Main], await AttemptAsync());

        async Task<string[]> AttemptAsync()
        {
            regions.Upgrades.Clear();
            await using IMotionConnection connection = await client.ConnectAsync("avatar", Format).DefaultTimeout();
            return [.. regions.Upgrades.Select(upgrade => upgrade.Split('@')[1])];
        }
    }

    [Fact]
    public async Task ConnectAsync_CooledDownRegion_IsFirstAgain()
    {
        FakeTimeProvider time = new();
        await using ScriptedRegions regions = await ScriptedRegions.StartAsync(Main, Second);
        await regions[Main].BreakAsync("upgrade 503");
        await using MotionServerClient client = regions.Client(time: time);
        await (await client.ConnectAsync("avatar", Format).DefaultTimeout()).DisposeAsync();
        regions[Main].OnUpgrade = null;

        time.Advance(TimeSpan.FromSeconds(30));
        await using IMotionConnection connection = await client.ConnectAsync("avatar", Format).DefaultTimeout();

        Assert.Equal(Main, connection.Region);
    }

    [Fact]
    public async Task ConnectAsync_BootstrapNamesAFallbackRegion_TriesItOnce()
    {
        await using ScriptedRegions regions = await ScriptedRegions.StartAsync(Main, Second);
        await using ScriptedServer bootstrap = await ScriptedServer.StartAsync();
        bootstrap.OnToken = context => context.Response.WriteAsync($$$"""{"region":{"current":"{{{Second}}}"}}""");
        await regions[Second].BreakAsync("upgrade 503");
        await using MotionServerClient client = regions.Client(options =>
        {
            options.Region = "auto";
            options.BootstrapUrl = new Uri(bootstrap.Url, "/bootstrap");
            options.FallbackRegions = [Second, Main];
        });

        await using IMotionConnection connection = await client.ConnectAsync("avatar", Format).DefaultTimeout();

        Assert.Equal([$"{Second}:1@{Second}", $"{Second}:1@{Main}"], regions.Upgrades);
        Assert.Equal(Main, connection.Region);
    }

    [Fact]
    public async Task ConnectAsync_Fallback_IsLoggedWithBothRegionsAndNoSecret()
    {
        RecordingLogs logs = new();
        await using ScriptedRegions regions = await ScriptedRegions.StartAsync(Main, Second);
        await regions[Main].BreakAsync("upgrade 503");
        await using MotionServerClient client = regions.Client(logs: logs);

        await using IMotionConnection connection = await client.ConnectAsync("avatar", Format).DefaultTimeout();

        Assert.Contains($"Region {Main} of the Motion Server failed: serverError in websocket_connect; {Second} is tried next.", logs.All, StringComparison.Ordinal);
        Assert.Contains($"region {Second}, is open", logs.All, StringComparison.Ordinal);
        Assert.DoesNotContain($"{Main}:1", logs.All, StringComparison.Ordinal);
        Assert.DoesNotContain(ScriptedServer.ApiKey, logs.All, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FetchTokenAsync_FirstRegionDown_FetchesInTheNext()
    {
        await using ScriptedRegions regions = await ScriptedRegions.StartAsync(Main, Second);
        await regions[Main].BreakAsync("token 500");
        await using MotionServerClient client = regions.Client();

        Assert.Equal($"{Second}:1", (await client.FetchTokenAsync().DefaultTimeout()).Value);
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
        await reached.Task.DefaultTimeout();
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting.DefaultTimeout());
        Assert.Empty(regions.Upgrades);
        Assert.Equal(0, regions.TokensOf(Second));
    }
}
