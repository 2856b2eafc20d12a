using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using MotionGateway.Messages.DrivenIngress.V2;
using MotionGateway.MotionServer.Tests.Scripted;
using MotionGateway.MotionServer.Tests.Telemetry;
using MotionGateway.Testing;

namespace MotionGateway.MotionServer.Tests.Connections;

[Collection(nameof(MeasuredAlone))]
public sealed class TelemetryTests
{
    [Fact]
    public async Task Errors_ServerErrorThenClose_AreCountedOnce()
    {
        using Measurements measurements = new();
        await using Session session = await Session.OpenAsync(async socket =>
        {
            await socket.SendErrorAsync(4001, "credits exhausted");
            await socket.CloseAsync(4001);
        });

        await session.Connection.Completion.Failure();
        await session.Request.SendAsync(new byte[2]).AsTask().Failure();

        Assert.Equal("1 error.type=creditsExhausted motion_server.phase=websocket_runtime", Assert.Single(measurements.Of("motion_server.client.errors")));
    }

    [Fact]
    public async Task Connection_FromOpenToClose_IsMeasuredAndTraced()
    {
        using Measurements measurements = new();
        using SpansOfThisTest spans = new();
        await using Session session = await Session.OpenAsync(async socket =>
        {
            await socket.ReceiveAsync();
            await socket.SendRawAsync([0xFF]);
            await socket.SendAsync(Motion.Of("r", 7, end: true));
            await socket.ReadToCloseAsync();
        });

        await session.Request.SendAsync(new byte[100]);
        Assert.Equal(7, Assert.Single(await session.Request.ReadAll().DefaultTimeout()).KeyframeCount);

        await session.Connection.CloseAsync().DefaultTimeout();

        Assert.Equal(["motion_server token", "motion_server connect", "motion_server handshake", "motion_server request", "motion_server close"], spans.Select(span => span.OperationName));
        Assert.Contains("1 network.io.direction=transmit", measurements.Of("motion_server.client.messages"));
        Assert.Contains("1 network.io.direction=receive", measurements.Of("motion_server.client.messages"));
        Assert.Equal(["7"], measurements.Of("motion_server.client.keyframes"));
        Assert.Equal(["1 motion_server.reason=malformed"], measurements.Of("motion_server.client.ignored_messages"));
        Assert.Equal(["1", "-1"], measurements.Of("motion_server.client.active_connections"));
        Assert.Empty(measurements.Of("motion_server.client.errors"));
    }

    [Fact]
    public async Task Connection_NormalRemoteClose_IsToldOnce()
    {
        using Measurements measurements = new();
        using RecordingLogs logs = new();
        int told = 0;
        await using (Session session = await Session.OpenAsync(socket => socket.CloseAsync(1000), logs: logs))
        {
            Task notified = session.Connection.Completion.ContinueWith(_ => Interlocked.Increment(ref told), TaskScheduler.Default);
            await session.Connection.Completion.DefaultTimeout();
            await session.Connection.CloseAsync().DefaultTimeout();
            await session.Connection.DisposeAsync();
            await notified.DefaultTimeout();
        }

        Assert.Equal(1, told);
        Assert.Equal(["1", "-1"], measurements.Of("motion_server.client.active_connections"));
        Assert.Single(logs.Entries, entry => entry.Text.Contains("has ended", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Request_WithAListener_IsASpanThatTheServiceJoins()
    {
        using SpansOfThisTest spans = new();
        using Measurements measurements = new();
        TaskCompletionSource<TraceContext?> told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using Activity caller = new Activity("caller").Start();
        await using Session session = await Session.OpenAsync(async socket =>
        {
            told.SetResult((await socket.ReceiveAsync())!.ClientAudioInput.TraceContext);
            await socket.SendAsync(Motion.Of("r", 7));
            await socket.SendAsync(Motion.Of("r", 7, end: true));
            await socket.ReadToCloseAsync();
        });

        await session.Request.SayAsync(new byte[100]);
        Assert.Same(caller, Activity.Current);
        await session.Request.ReadAll().DefaultTimeout();

        Activity span = Assert.Single(spans, span => span.OperationName == "motion_server request");
        Assert.Equal((caller.SpanId, span.Id), (span.ParentSpanId, (await told.Task.DefaultTimeout())?.Traceparent));
        Assert.Equal(("r", ScriptedServer.ConnectionId, "completed"), (span.GetTagItem("motion_server.request.id"), span.GetTagItem("motion_server.connection.id"), span.GetTagItem("motion_server.outcome")));
        Assert.Equal("first_motion", Assert.Single(span.Events).Name);
        Assert.Single(measurements.Of("motion_server.client.request.time_to_first_motion"));
        Assert.EndsWith("motion_server.outcome=completed", Assert.Single(measurements.Of("motion_server.client.request.duration")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("interrupt", "interrupted", null)]
    [InlineData("error", "failed", "upstreamError")]
    [InlineData("close", "abandoned", "upstreamError")]
    [InlineData("dispose", "abandoned", null)]
    public async Task Request_ThatIsNotCompleted_SaysWhatBecameOfIt(string how, string outcome, string? errorType)
    {
        using SpansOfThisTest spans = new();
        await using (Session session = await Session.OpenAsync(async socket =>
        {
            await socket.ReceiveAsync();
            await (how switch
            {
                "error" => socket.SendErrorAsync(100, "driven server request failed", "r"),
                "close" => socket.CloseAsync(4503),
                _ => Task.CompletedTask,
            });
            await socket.ReadToCloseAsync();
        }))
        {
            await session.Request.SendAsync(new byte[100]);
            await (how switch
            {
                "interrupt" => session.Request.InterruptAsync().AsTask(),
                "dispose" => session.Connection.CloseAsync().DefaultTimeout(),
                _ => session.Request.ReadAll().Failure(),
            });
        }

        Activity span = Assert.Single(spans, span => span.OperationName == "motion_server request");
        Assert.Equal((outcome, errorType), (span.GetTagItem("motion_server.outcome"), span.GetTagItem("error.type")));
    }

    [Fact]
    public async Task Regions_FallbackAfterABootstrap_AreNamedInSpansAndMeasurements()
    {
        await using ScriptedRegions regions = await ScriptedRegions.StartAsync("us-west", "ap-northeast");
        await using ScriptedServer bootstrap = await ScriptedServer.StartAsync();
        bootstrap.OnToken = context => Refuse(context, 503);
        regions["us-west"].OnUpgrade = context => Refuse(context, 502);
        using Measurements measurements = new();
        using SpansOfThisTest spans = new();
        MotionServerClient client = regions.Client(options => (options.Region, options.BootstrapUrl) = ("auto", bootstrap.Url));

        await client.ConnectAsync("avatar", new MotionAudioFormat(16000)).DefaultTimeout();
        await client.DisposeAsync().AsTask().DefaultTimeout();

        Assert.Equal(
            ["region ", "token us-west", "connect us-west", "connect ap-northeast", "handshake ap-northeast", "close ap-northeast"],
            spans.Select(span => $"{span.OperationName.Split(' ')[1]} {span.GetTagItem("motion_server.region")}"));
        Assert.Equal(["1 motion_server.region.source=default error.type=serverError"], measurements.Of("motion_server.client.bootstraps"));
        Assert.Equal(["1 motion_server.region=us-west"], measurements.Of("motion_server.client.region_fallbacks"));
        Assert.Equal(
            ["1 motion_server.region=us-west error.type=serverError motion_server.phase=websocket_connect"],
            measurements.Of("motion_server.client.errors"));
        Assert.Equal(
            ["1 motion_server.region=ap-northeast", "-1 motion_server.region=ap-northeast"],
            measurements.Of("motion_server.client.active_connections"));
    }

    [Fact]
    public async Task Tokens_FromFetchToEnd_AreCountedWithTheirReason()
    {
        await using ScriptedRegions regions = await ScriptedRegions.StartAsync("us-west");
        using Measurements measurements = new();
        MotionServerClient client = regions.Client();

        await client.PrewarmAsync().DefaultTimeout();
        regions["us-west"].OnUpgrade = context =>
        {
            regions["us-west"].OnUpgrade = null;
            return Refuse(context, 401);
        };
        await client.ConnectAsync("avatar", new MotionAudioFormat(16000)).DefaultTimeout();
        await client.PrewarmAsync().DefaultTimeout();
        await client.DisposeAsync().AsTask().DefaultTimeout();

        Assert.Equal(["1", "1", "1"], measurements.Of("motion_server.client.tokens.fetched"));
        Assert.Equal(
            ["1 motion_server.token.source=stock", "1 motion_server.token.source=fetched"],
            measurements.Of("motion_server.client.tokens.handed_out"));
        Assert.Equal(
            ["1 motion_server.reason=refused", "1 motion_server.reason=disposed"],
            measurements.Of("motion_server.client.tokens.discarded"));
        Assert.Empty(measurements.Of("motion_server.client.errors"));
    }

    private static Task Refuse(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }
}
