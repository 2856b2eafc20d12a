using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MotionGateway.Hosting;

/// <summary>Adds TLS to a service.</summary>
public static class ServerTlsExtensions
{
    /// <summary>Has https addresses served by TLS. Needs a clock, metrics and logging among the services.</summary>
    /// <param name="services">The service's.</param>
    /// <param name="name">The path of the options, such as <c>Gateway:Tls</c>.</param>
    /// <param name="options">Which certificate; null: there are no https addresses.</param>
    public static void AddServerTls(this IServiceCollection services, string name, TlsOptions? options)
    {
        if (options is null)
        {
            return;
        }

        services.AddSingleton(provider => new ServerTls(
            name, options, provider.GetRequiredService<IMeterFactory>(), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<ServerTls>>()));
        services.AddOptions<KestrelServerOptions>().Configure<ServerTls>((kestrel, tls) => kestrel.ConfigureHttpsDefaults(tls.Configure));
    }
}
