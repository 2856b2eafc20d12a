using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace MotionGateway.Hosting;

/// <summary>What a service logs of each category; it can be changed while the service runs.</summary>
/// <param name="options">The levels to begin with.</param>
public sealed class LogLevels(LoggingOptions options)
    : IConfigureOptions<LoggerFilterOptions>, IOptionsChangeTokenSource<LoggerFilterOptions>
{
    // What a call fails with is told by whom it is for, and where this is logged a scope is opened for each message that is read.
    private const string Call = "Grpc.Net.Client.Internal.GrpcCall";

    private LoggingOptions _options = options;
    private ConfigurationReloadToken _changed = new();

    string? IOptionsChangeTokenSource<LoggerFilterOptions>.Name => Options.DefaultName;

    /// <summary>Changes the levels: from now on, for all loggers.</summary>
    public void Change(LoggingOptions options)
    {
        Volatile.Write(ref _options, options);
        Interlocked.Exchange(ref _changed, new ConfigurationReloadToken()).OnReload();
    }

    IChangeToken IOptionsChangeTokenSource<LoggerFilterOptions>.GetChangeToken() => Volatile.Read(ref _changed);

    void IConfigureOptions<LoggerFilterOptions>.Configure(LoggerFilterOptions options)
    {
        var levels = Volatile.Read(ref _options).LogLevel;
        var level = levels.TryGetValue(LoggingOptions.DefaultCategory, out var set) ? set : LogLevel.Information;
        options.MinLevel = level;

        // Their Information lines repeat what the service says itself about each call.
        var frameworks = level == LogLevel.Information ? LogLevel.Warning : level;
        Add("Microsoft", frameworks);
        Add("Grpc", frameworks);
        Add("System", frameworks);
        if (level >= LogLevel.Information && !levels.Keys.Any(named => Call.StartsWith(named, StringComparison.OrdinalIgnoreCase)))
        {
            Add(Call, LogLevel.None);
        }

        // A failed start is told by the command, in one line.
        Add("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        foreach (var (category, own) in levels)
        {
            if (!category.Equals(LoggingOptions.DefaultCategory, StringComparison.OrdinalIgnoreCase))
            {
                Add(category, own);
            }
        }

        void Add(string category, LogLevel least) => options.Rules.Add(new LoggerFilterRule(null, category, least, null));
    }
}
