using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using MotionGateway.EdgeRelay;
using MotionGateway.Gateway;

namespace MotionGateway.EndToEnd.Tests.Deploy;

/// <summary>After which time a service is gone that was asked to stop, as its own host has it.</summary>
internal static class DrainTimes
{
    /// <summary>Of a gateway.</summary>
    public static TimeSpan OfGateway(TimeSpan? grace = null)
    {
        var options = new GatewayOptions { MotionServer = { AppId = "app", ApiKey = "key" } };
        options.ShutdownGrace = grace ?? options.ShutdownGrace;
        return Of(GatewayHost.Build(options));
    }

    /// <summary>Of a relay.</summary>
    public static TimeSpan OfRelay(TimeSpan? grace = null)
    {
        var options = new EdgeRelayOptions();
        options.ShutdownGrace = grace ?? options.ShutdownGrace;
        return Of(EdgeRelayHost.Build(options));
    }

    private static TimeSpan Of(WebApplication host)
    {
        using (host)
        {
            return host.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout;
        }
    }
}
