using System.Collections.Concurrent;
using System.Diagnostics;
using Grpc.Core;
using Grpc.Lite.Tests.V1;
using MotionGateway.Testing;
using OpenTelemetry;
using OpenTelemetry.Trace;
using StatusCode = Grpc.Core.StatusCode;

namespace Grpc.Lite.Tests;

public sealed class TelemetryTests
{
    [Theory]
    [InlineData(Behavior.Unspecified, StatusCode.OK, ActivityStatusCode.Unset)]
    [InlineData(Behavior.Refuse, StatusCode.PermissionDenied, ActivityStatusCode.Error)]
    public async Task Call_ByAClient_IsAnActivityWhoseContextReachesTheServer(Behavior behavior, StatusCode code, ActivityStatusCode status)
    {
        var activities = new ConcurrentQueue<Activity>();
        using var tracing = Sdk.CreateTracerProviderBuilder().SetSampler(new AlwaysOnSampler()).AddGrpcClientTelemetry().AddProcessor(new Collector(activities)).Build();
        using var parent = new Activity("test").Start();
        await using var server = await TestServer.StartAsync();
        using var call = server.Client.Repeat(new EchoRequest { Count = 1, Behavior = behavior });
        try
        {
            while (await call.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout())
            {
            }
        }
        catch (RpcException exception)
        {
            Assert.Equal(code, exception.StatusCode);
        }

        await Eventually.TrueAsync(() => activities.Any(candidate => candidate.TraceId == parent.TraceId));
        var activity = activities.Single(candidate => candidate.TraceId == parent.TraceId);
        Assert.Equal(parent.SpanId, activity.ParentSpanId);
        Assert.Equal(ActivityKind.Client, activity.Kind);
        Assert.Equal("grpclite.test.v1.InteropService/Repeat", activity.DisplayName);
        Assert.Equal("grpc", activity.GetTagItem("rpc.system"));
        Assert.Equal("grpclite.test.v1.InteropService", activity.GetTagItem("rpc.service"));
        Assert.Equal("Repeat", activity.GetTagItem("rpc.method"));
        Assert.Equal((int)code, activity.GetTagItem("rpc.grpc.status_code"));
        Assert.Equal(status, activity.Status);
        Assert.Same(parent, Activity.Current);
    }

    [Fact]
    public async Task Call_WithAnActivity_SendsTraceparent()
    {
        await using var server = await TestServer.StartAsync();
        using var parent = new Activity("test").SetIdFormat(ActivityIdFormat.W3C).Start();
        var headers = await server.Client.UnaryAsync(new EchoRequest { Behavior = Behavior.TellTraceparent }).ResponseAsync.DefaultTimeout();
        Assert.Contains(parent.TraceId.ToHexString(), headers.Text, StringComparison.Ordinal);
    }

    private sealed class Collector(ConcurrentQueue<Activity> activities) : BaseProcessor<Activity>
    {
        public override void OnEnd(Activity data) => activities.Enqueue(data);
    }
}
