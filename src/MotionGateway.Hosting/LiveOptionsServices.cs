using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace MotionGateway.Hosting;

/// <summary>Adds settings that can be replaced.</summary>
public static class LiveOptionsServices
{
    /// <summary>
    /// Adds settings: <see cref="IOptions{T}"/> are those that the service was started with, <see cref="IOptionsMonitor{T}"/> has those in
    /// force, and <see cref="LiveOptions{T}"/> replaces them.
    /// </summary>
    public static IServiceCollection AddLiveOptions<T>(this IServiceCollection services, T options)
        where T : class => services
        .AddSingleton(Options.Create(options))
        .AddSingleton(new LiveOptions<T>(options))
        .AddSingleton<IOptionsMonitor<T>>(provider => provider.GetRequiredService<LiveOptions<T>>());
}
