using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MotionGateway.Testing;

namespace MotionGateway.Hosting.Tests;

/// <summary>Which lines are logged, by category, and that this can change while loggers are in use.</summary>
public sealed class LogLevelsTests
{
    [Fact]
    public void Levels_ByCategory_TheLongestBeginningCounts()
    {
        using var services = Build(new LoggingOptions { LogLevel = { ["default"] = LogLevel.Warning, ["Own"] = LogLevel.Debug, ["Own.Loud"] = LogLevel.None } }, out _);

        Assert.Equal(
            [LogLevel.Warning, LogLevel.Debug, LogLevel.None],
            ((string[])["Other", "Own.Part", "Own.Loud.Part"]).Select(category => LeastOf(services, category)));
    }

    [Fact]
    public void Levels_NothingSet_AreInformationAndOfTheFrameworksWarning()
    {
        using var services = Build(new LoggingOptions(), out _);

        Assert.Equal(
            [LogLevel.Information, LogLevel.Warning, LogLevel.Warning],
            ((string[])["MotionGateway.Sessions.SessionHost", "Microsoft.AspNetCore.Routing", "Grpc.AspNetCore.Server"]).Select(category => LeastOf(services, category)));
    }

    [Theory]
    [InlineData("Default", LogLevel.Information, LogLevel.None)]
    [InlineData("Default", LogLevel.Debug, LogLevel.Debug)]
    [InlineData("grpc.net", LogLevel.Warning, LogLevel.Warning)]
    [InlineData("Grpc.Net.Client.Internal.GrpcCall", LogLevel.Trace, LogLevel.Trace)]
    public void Levels_CallsOfTheGrpcClient_AreLoggedFromDebugOnOrWhereTheyAreNamed(string category, LogLevel set, LogLevel least)
    {
        using var services = Build(new LoggingOptions { LogLevel = { [category] = set } }, out _);

        Assert.Equal(least, LeastOf(services, "Grpc.Net.Client.Internal.GrpcCall"));
    }

    [Fact]
    public void Change_WhileALoggerIsInUse_IsInForceAtOnce()
    {
        using var services = Build(new LoggingOptions(), out var levels);
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("Own.Part");
        Assert.False(logger.IsEnabled(LogLevel.Debug));

        levels.Change(new LoggingOptions { LogLevel = { ["Own"] = LogLevel.Debug } });
        Assert.True(logger.IsEnabled(LogLevel.Debug));
        levels.Change(new LoggingOptions());
        Assert.False(logger.IsEnabled(LogLevel.Debug));
    }

    [Fact]
    public void Validate_ACategoryWithAWildcard_IsRefusedByItsPath()
    {
        string problem = Assert.Single(new LoggingOptions { LogLevel = { ["*Kestrel"] = LogLevel.Trace } }.Validate());

        Assert.StartsWith("LogLevel:*Kestrel ", problem, StringComparison.Ordinal);
    }

    private static ServiceProvider Build(LoggingOptions options, out LogLevels levels)
    {
        var made = levels = new LogLevels(options);
        return new ServiceCollection()
            .AddLogging(logging => logging.AddProvider(new TestLoggerProvider()))
            .AddSingleton<IConfigureOptions<LoggerFilterOptions>>(made)
            .AddSingleton<IOptionsChangeTokenSource<LoggerFilterOptions>>(made)
            .BuildServiceProvider();
    }

    private static LogLevel LeastOf(ServiceProvider services, string category)
    {
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger(category);
        return Enum.GetValues<LogLevel>().First(level => level == LogLevel.None || logger.IsEnabled(level));
    }
}
