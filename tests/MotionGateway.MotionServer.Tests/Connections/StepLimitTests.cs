using Microsoft.AspNetCore.Http;
using MotionGateway.MotionServer.Tests.Scripted;
using MotionGateway.Testing;
using Code = MotionGateway.MotionServer.MotionServerErrorCode;

namespace MotionGateway.MotionServer.Tests.Connections;

/// <summary>Each step has its own time limit, to the tick, in a time that only the test lets pass.</summary>
public sealed class StepLimitTests
{
    private static readonly MotionAudioFormat Format = new(16000);

    // Not the default of anything.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(7);
    private static readonly TimeSpan CloseLimit = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    private readonly ObservedTimeProvider _time = new();

    [Theory]
    [InlineData(MotionServerPhase.SessionToken)]
    [InlineData(MotionServerPhase.WebSocketConnect)]
    [InlineData(MotionServerPhase.WebSocketHandshake)]
    public async Task ConnectAsync_StalledStep_FailsWhenItsLimitHasPassedAndNotBefore(MotionServerPhase phase)
    {
        TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ScriptedServer server = await ScriptedServer.StartAsync(async socket =>
        {
            await socket.ReceiveAsync();
            reached.SetResult();
            await socket.StallAsync();
        });
        RequestDelegate stall = async context =>
        {
            reached.SetResult();
            await new ScriptedSocket(null!, context).StallAsync();
        };
        server.OnToken = phase == MotionServerPhase.SessionToken ? stall : server.OnToken;
        server.OnUpgrade = phase == MotionServerPhase.WebSocketConnect ? stall : null;
        await using MotionServerClient client = Client(server);

        Task connecting = client.ConnectAsync("avatar", Format);
        await reached.Task.DefaultTimeout();
        await PassTheLimitAsync(Limit, connecting);

        MotionServerException failure = await connecting.Failure();
        Assert.Equal((Code.ConnectionFailed, phase), (failure.Code, failure.Phase));
        Assert.Contains("within 7 seconds", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("region", 60, 5)]
    [InlineData("region", 3, 3)]
    [InlineData("token", 60, 60)]
    [InlineData("prewarm", 60, 60)]
    public async Task PrewarmAsync_StalledStep_EndsWhenItsLimitHasPassedAndNotBefore(string step, int stepTimeout, int limit)
    {
        TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using StubHttp http = new(async (request, cancellationToken) =>
        {
            if (request.RequestUri!.Host == step)
            {
                reached.TrySetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            }

            return StubHttp.Answer("""{"sessionToken":"t","region":{"current":"us-west"}}""");
        });
        using HttpMessageInvoker invoker = http.Invoker();
        MotionServerOptions options = new()
        {
            AppId = "a",
            ApiKey = "k",
            Region = "auto",
            BootstrapUrl = new Uri("http://region"),
            StepTimeout = TimeSpan.FromSeconds(stepTimeout),
            RegionEndpoints = { ["us-west"] = new MotionServerEndpoints { ConsoleUrl = new Uri("http://token"), IngressUrl = new Uri("http://prewarm") } },
        };
        await using MotionServerClient client = new(options, invoker, _time);

        Task<PrewarmResult> warming = client.PrewarmAsync();
        await reached.Task.DefaultTimeout();
        await PassTheLimitAsync(TimeSpan.FromSeconds(limit), warming);

        Assert.Equal(step == "region", (await warming.DefaultTimeout()).IsReady);
    }

    [Fact]
    public async Task CloseAsync_PeerThatNeverAnswers_EndsWhenTheLimitHasPassedAndNotBefore()
    {
        await using ScriptedServer server = await StalledAsync();
        await using MotionServerClient client = Client(server);
        IMotionConnection connection = await client.ConnectAsync("avatar", Format).DefaultTimeout();

        Task closing = connection.CloseAsync();
        await PassTheLimitAsync(CloseLimit, closing);

        await closing.DefaultTimeout();
        Assert.True(connection.Completion.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task SendAsync_Limit_IsTheOptions()
    {
        await using ScriptedServer server = await StalledAsync();
        await using MotionServerClient client = new(server.Options(options => options.SendTimeout = Limit), timeProvider: _time);
        await using IMotionConnection connection = await client.ConnectAsync("avatar", Format).DefaultTimeout();

        await connection.StartRequest().SendAsync(new byte[2]).AsTask().DefaultTimeout();

        await _time.WaitForTimerAsync(_time.GetUtcNow() + Limit);
        await connection.CloseAsync(new CancellationToken(true)).DefaultTimeout();
    }

    [Fact]
    public void SendDeadline_OneSend_ExpiresWhenTheLimitHasPassedAndNotBefore()
    {
        int expired = 0;
        using SendDeadline deadline = new(_time, Limit, () => expired++);
        deadline.Start();

        _time.Advance(Limit - Tick);
        Assert.Equal(0, expired);
        _time.Advance(Tick);
        Assert.Equal(1, expired);
    }

    [Fact]
    public void SendDeadline_OneSendAfterTheOther_EachHasTheWholeLimit()
    {
        int expired = 0;
        using SendDeadline deadline = new(_time, Limit, () => expired++);
        deadline.Start();
        deadline.Stop();
        _time.Advance(Limit - Tick);
        deadline.Start();

        // The timer of the first send fires at its own moment, which the second has not reached.
        _time.Advance(Tick);
        _time.Advance(Limit - (2 * Tick));
        Assert.Equal(0, expired);
        _time.Advance(Tick);
        Assert.Equal(1, expired);
        deadline.Stop();
        _time.Advance(Limit * 10);
        Assert.Equal(1, expired);
    }

    private static Task<ScriptedServer> StalledAsync() => ScriptedServer.StartAsync(async socket =>
    {
        await socket.ConfirmAsync();
        await socket.StallAsync();
    });

    private MotionServerClient Client(ScriptedServer server) => new(server.Options(options => (options.StepTimeout, options.CloseTimeout) = (Limit, CloseLimit)), timeProvider: _time);

    // Somebody waits for exactly that moment, and goes on doing so until it has come.
    private async Task PassTheLimitAsync(TimeSpan limit, Task step)
    {
        DateTimeOffset due = _time.GetUtcNow() + limit;
        await _time.WaitForTimerAsync(due);
        _time.Advance(limit - Tick);
        await _time.WaitForTimerAsync(due);
        Assert.False(step.IsCompleted);
        _time.Advance(Tick);
    }
}
