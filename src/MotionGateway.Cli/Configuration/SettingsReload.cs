using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MotionGateway.Hosting;

namespace MotionGateway.Cli.Configuration;

/// <summary>
/// Reads a service's settings again when a file of them changes, with the environment and the command line on top as at the start, and
/// puts in force what may be changed while it runs. Settings that are wrong change nothing.
/// </summary>
/// <typeparam name="T">The service's settings.</typeparam>
internal sealed class SettingsReload<T> : IDisposable
    where T : class
{
    private readonly string _section;
    private readonly LiveOptions<T> _live;
    private readonly ILogger _logger;
    private readonly Reloaded<T> _read;

    private SettingsReload(string section, SettingsSources sources, LiveOptions<T> live, TimeProvider timeProvider, ILogger logger)
    {
        _section = section;
        _live = live;
        _logger = logger;
        _read = new Reloaded<T>(
            $"{SettingsFile.Section}:{section}", sources.Files, () => ServiceSettings.Accept<T>(ServiceSettings.Read(section, sources)), timeProvider, logger);
        _read.Changed += Apply;
        // What has changed since the service was set up.
        Apply(_read.Current);
    }

    /// <summary>Begins to watch the settings of a service that was set up with them.</summary>
    /// <param name="section">The service's section.</param>
    /// <param name="sources">Where its settings come from.</param>
    /// <param name="services">The service's own.</param>
    /// <exception cref="CommandException">They are wrong already.</exception>
    public static SettingsReload<T> Start(string section, SettingsSources sources, IServiceProvider services) => new(
        section, sources, services.GetRequiredService<LiveOptions<T>>(), services.GetRequiredService<TimeProvider>(),
        services.GetRequiredService<ILoggerFactory>().CreateLogger("MotionGateway.Settings"));

    /// <summary>Looks now; what has changed is in force when this returns.</summary>
    public void Refresh() => _read.Refresh();

    /// <summary>Watches no more.</summary>
    public void Dispose() => _read.Dispose();

    private void Apply(T next)
    {
        var current = _live.CurrentValue;
        var changed = SettingsChange.Find(current, next, _section);
        if (changed.Count == 0)
        {
            return;
        }

        SettingsChange.KeepWhatNeedsARestart(current, next);
        string applied = Paths(isAppliedAtOnce: true);
        if (applied.Length > 0)
        {
            // What is kept and what is new were each checked with other company.
            string problems = string.Join(' ', ServiceSettings.Check(next));
            if (problems.Length > 0)
            {
                SettingsReloadLog.DoNotFit(_logger, problems);
                return;
            }

            _live.Replace(next);
            SettingsReloadLog.Applied(_logger, applied);
        }

        string pending = Paths(isAppliedAtOnce: false);
        if (pending.Length > 0)
        {
            SettingsReloadLog.NeedRestart(_logger, pending);
        }

        string Paths(bool isAppliedAtOnce) =>
            string.Join(", ", changed.Where(change => change.IsAppliedAtOnce == isAppliedAtOnce).Select(change => change.Path));
    }
}
