using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MotionGateway.MotionServer;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the Server SDK where services are injected.</summary>
public static class MotionServerServices
{
    /// <summary>
    /// Adds one <see cref="MotionServerClient"/>, also as <see cref="IMotionConnector"/>, with the clock and the log of the other services. Its options are checked when
    /// a host starts, which tells everything that is wrong with them at once. The provider must be disposed asynchronously, as a host does.
    /// </summary>
    /// <param name="services">Where to.</param>
    /// <param name="configure">Sets the options; null where what is returned does, by binding a section of the configuration for example.</param>
    /// <returns>The options, to be set further.</returns>
    public static OptionsBuilder<MotionServerOptions> AddMotionServer(this IServiceCollection services, Action<MotionServerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(provider => new MotionServerClient(
            provider.GetRequiredService<IOptions<MotionServerOptions>>().Value,
            timeProvider: provider.GetService<TimeProvider>(),
            loggerFactory: provider.GetService<ILoggerFactory>()));
        services.TryAddSingleton<IMotionConnector>(provider => provider.GetRequiredService<MotionServerClient>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<MotionServerOptions>, Validator>());
        return services.AddOptions<MotionServerOptions>().Configure(configure ?? (static _ => { })).ValidateOnStart();
    }

    private sealed class Validator : IValidateOptions<MotionServerOptions>
    {
        public ValidateOptionsResult Validate(string? name, MotionServerOptions options) =>
            options.Validate() is { Count: > 0 } problems ? ValidateOptionsResult.Fail(problems) : ValidateOptionsResult.Success;
    }
}
