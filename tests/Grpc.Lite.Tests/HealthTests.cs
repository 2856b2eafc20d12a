using Grpc.Core;
using Grpc.Health.V1;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using MotionGateway.Testing;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace Grpc.Lite.Tests;

public sealed class HealthTests
{
    [Fact]
    public async Task Check_ByService_FollowsTheChecksMappedToIt()
    {
        var live = new HealthSwitch();
        var ready = new HealthSwitch { IsHealthy = false };
        await using var server = await StartAsync(live, ready);
        var client = new Health.V1.Health.HealthClient(server.Channel);
        Assert.Equal(ServingStatus.NotServing, (await client.CheckAsync(new HealthCheckRequest()).ResponseAsync.DefaultTimeout()).Status);
        Assert.Equal(ServingStatus.Serving, (await client.CheckAsync(new HealthCheckRequest { Service = "live" }).ResponseAsync.DefaultTimeout()).Status);
        Assert.Equal(ServingStatus.NotServing, (await client.CheckAsync(new HealthCheckRequest { Service = "ready" }).ResponseAsync.DefaultTimeout()).Status);
        var exception = await Assert.ThrowsAsync<RpcException>(() => client.CheckAsync(new HealthCheckRequest { Service = "unknown" }).ResponseAsync.DefaultTimeout());
        Assert.Equal(StatusCode.NotFound, exception.StatusCode);
    }

    [Fact]
    public async Task Watch_Changes_ArePushed()
    {
        var live = new HealthSwitch();
        await using var server = await StartAsync(live, new HealthSwitch());
        using var call = new Health.V1.Health.HealthClient(server.Channel).Watch(new HealthCheckRequest { Service = "live" });
        Assert.Equal(ServingStatus.Serving, await NextAsync(call));
        live.IsHealthy = false;
        Assert.Equal(ServingStatus.NotServing, await NextAsync(call));
        live.IsHealthy = true;
        Assert.Equal(ServingStatus.Serving, await NextAsync(call));
    }

    [Fact]
    public async Task Watch_UnknownService_SaysSoAndGoesOn()
    {
        await using var server = await StartAsync(new HealthSwitch(), new HealthSwitch());
        using var call = new Health.V1.Health.HealthClient(server.Channel).Watch(new HealthCheckRequest { Service = "unknown" });
        Assert.Equal(ServingStatus.ServiceUnknown, await NextAsync(call));
        var next = call.ResponseStream.MoveNext(CancellationToken.None);
        call.Dispose();
        Assert.Equal(StatusCode.Cancelled, (await Assert.ThrowsAsync<RpcException>(() => next.DefaultTimeout())).StatusCode);
    }

    private static async Task<ServingStatus> NextAsync(AsyncServerStreamingCall<HealthCheckResponse> call)
    {
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout());
        return call.ResponseStream.Current.Status;
    }

    private static async Task<TestServer> StartAsync(HealthSwitch live, HealthSwitch ready)
    {
        var server = await TestServer.StartAsync(
            configureServices: services =>
            {
                services.AddGrpcHealthChecks(options =>
                {
                    options.Services.Map("live", check => check.Tags.Contains("live"));
                    options.Services.Map("ready", check => check.Name == "ready");
                }).AddCheck("live", live, tags: ["live"]).AddCheck("ready", ready);
                services.Configure<HealthCheckPublisherOptions>(HealthSwitch.PublishSoon);
            },
            map: app => app.MapGrpcHealthChecksService());
        server.Log.Expect(entry => entry.EventId.Name == "HealthCheckEnd");
        return server;
    }
}
