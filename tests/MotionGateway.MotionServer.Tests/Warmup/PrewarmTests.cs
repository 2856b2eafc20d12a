using Microsoft.AspNetCore.Http;
using MotionGateway.MotionServer.Tests.Scripted;
using MotionGateway.Testing;
using Code = MotionGateway.MotionServer.MotionServerErrorCode;

namespace MotionGateway.MotionServer.Tests.Warmup;

public sealed class PrewarmTests
{
    private const string Main = "us-west";
    private const string Second = "ap-northeast";

    private static readonly MotionAudioFormat Format = new(16000);

    [Fact]
    public async Task PrewarmAsync_AllWell_LeavesATokenForTheNextConnection()
    {
        await using ScriptedRegions regions = await ScriptedRegions.StartAsync(Main, Second);
        await using MotionServerClient client = regions.Client();

        PrewarmResult result = await client.PrewarmAsync().DefaultTimeout();
        await using IMotionConnection connection = await client.ConnectAsync("avatar", Format).DefaultTimeout();

        Assert.Equal((Main, true), (result.Region, result.IsReady));
        Assert.Empty(result.Failures);
        Assert.Equal([$"{Main}:1@{Main}"], regions.Upgrades);
        Assert.Equal(1, regions.TokensOf(Main));
        Assert.Equal(0, regions.TokensOf(Second));
    }

    [Fact]
    public async Task PrewarmAsync_Twice_FetchesOneToken()
    {
        await using ScriptedRegions regions = await ScriptedRegions.StartAsync(Main);
        await using MotionServerClient client = regions.Client();

        await client.PrewarmAsync().DefaultTimeout();
        PrewarmResult result = await client.PrewarmAsync().DefaultTimeout();

        Assert.Equal((true, 1, 1), (result.IsReady, client.TokensReady, regions.TokensOf(Main)));
    }

    [Fact]
    public async Task PrewarmAsync_ExplicitUrls_HasNoRegion()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        await using MotionServerClient client = server.Client();

        PrewarmResult result = await client.PrewarmAsync().DefaultTimeout();

        Assert.Equal((null, true), (result.Region, result.IsReady));
    }

    [Fact]
    public async Task PrewarmAsync_AutoAndBootstrapDown_WarmsTheDefault()
    {
        await using ScriptedRegions regions = await ScriptedRegions.StartAsync(Main);
        await using ScriptedServer bootstrap = await ScriptedServer.StartAsync();
        bootstrap.OnToken = context => Answer(context, 503);
        await using MotionServerClient client = regions.Client(options => (options.Region, options.BootstrapUrl) = ("auto", bootstrap.Url));

        PrewarmResult result = await client.PrewarmAsync().DefaultTimeout();

        Assert.Equal((Main, true), (result.Region, result.IsReady));
    }

    [Fact]
    public async Task PrewarmAsync_NobodyListens_TellsBothFailuresAndThrowsNone()
    {
        ScriptedRegions regions = await ScriptedRegions.StartAsync(Main);
        await using MotionServerClient client = regions.Client();
        await regions.DisposeAsync();

        PrewarmResult result = await client.PrewarmAsync().DefaultTimeout();

        Assert.False(result.IsReady);
        Assert.Equal(
            [(Code.ConnectionFailed, MotionServerPhase.SessionToken), (Code.ConnectionFailed, MotionServerPhase.WebSocketConnect)],
            result.Failures.Select(failure => (failure.Code, failure.Phase)));
    }

    [Fact]
    public async Task PrewarmAsync_KeyRefused_WarmsTheIngressAllTheSame()
    {
        await using ScriptedRegions regions = await ScriptedRegions.StartAsync(Main, Second);
        regions[Main].OnToken = context => Answer(context, 403);
        await using MotionServerClient client = regions.Client();

        PrewarmResult result = await client.PrewarmAsync().DefaultTimeout();

        Assert.Equal((Main, 0, false), (result.Region, client.TokensReady, result.IsReady));
        Assert.Equal(403, Assert.Single(result.Failures).HttpStatus);
        Assert.Equal(0, regions.TokensOf(Second));
    }

    [Fact]
    public async Task PrewarmAsync_RegionDown_WarmsTheNextWhereConnectsGoThen()
    {
        await using ScriptedRegions regions = await ScriptedRegions.StartAsync(Main, Second);
        await regions[Main].DisposeAsync();
        await using MotionServerClient client = regions.Client();

        PrewarmResult result = await client.PrewarmAsync().DefaultTimeout();
        await using IMotionConnection connection = await client.ConnectAsync("avatar", Format).DefaultTimeout();

        Assert.Equal((Second, true), (result.Region, result.IsReady));
        Assert.All(result.Failures, failure => Assert.Equal(Main, failure.Region));
        Assert.NotEmpty(result.Failures);
        Assert.Equal(Second, connection.Region);
        Assert.Equal(1, regions.TokensOf(Second));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task PrewarmAsync_CancelledOrDisposed_Throws(bool cancels)
    {
        await using ScriptedRegions regions = await ScriptedRegions.StartAsync(Main);
        TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        regions[Main].OnToken = async context =>
        {
            reached.TrySetResult();
            await new ScriptedSocket(null!, context).StallAsync();
        };
        await using MotionServerClient client = regions.Client();
        using CancellationTokenSource cancel = new();

        Task warming = client.PrewarmAsync(cancel.Token);
        await reached.Task.DefaultTimeout();
        await (cancels ? cancel.CancelAsync() : client.DisposeAsync().AsTask()).DefaultTimeout();

        Exception exception = (await Record.ExceptionAsync(() => warming.DefaultTimeout()))!;
        Assert.True(cancels ? exception is OperationCanceledException : exception is ObjectDisposedException, exception.ToString());
    }

    private static Task Answer(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }
}
