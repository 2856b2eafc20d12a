using Microsoft.Extensions.Logging;
using MotionGateway.Cli.Configuration;
using MotionGateway.Hosting;

namespace MotionGateway.Cli.Tests.Configuration;

[Collection(nameof(ProcessEnvironment))]
public sealed class ServiceSettingsTests : IDisposable
{
    private const string Secret = "kEy-that-nobody-may-see";
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("motiongateway-settings-");
    private readonly List<string> _variables = [];

    [Fact]
    public void ReadGateway_WrongValuesAndUnknownNames_TellsAllWithTheirPaths()
    {
        WriteFile("""{ "MotionGateway": { "Gateway": { "MaxSesions": 3, "Limits": { "MaxTurn": "soon" } }, "Gatway": {} } }""");
        var sources = Sources();
        sources.SetAll(["Gateway:HeartbeatInterval=15", "Gateway:MotionServer:ApiKey=k", "Gateway:MotionServer:AppId=a", "Gatway:X=1"]);

        var problems = Assert.Throws<SettingsException>(() => ServiceSettings.ReadGateway(sources, out _)).Problems;

        Assert.Contains(problems, problem => problem.Contains("Gateway:MaxSesions is no setting: did you mean Gateway:MaxSessions?", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.StartsWith("Gateway:Limits:MaxTurn:", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.StartsWith("Gateway:HeartbeatInterval:", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.Contains("did you mean Gateway?", StringComparison.Ordinal));
    }

    [Fact]
    public void ReadGateway_RulesBroken_TellsAllWithTheirPaths()
    {
        var sources = Sources();
        sources.SetAll(["Gateway:MotionServer:ApiKey=k", "Gateway:MotionServer:AppId=a", "Gateway:MaxSessions=0", "Gateway:Urls=http://0.0.0.0:1"]);

        var problems = Assert.Throws<SettingsException>(() => ServiceSettings.ReadGateway(sources, out _)).Problems;

        Assert.Contains(problems, problem => problem.StartsWith("Gateway:MaxSessions", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.StartsWith("Gateway:Urls", StringComparison.Ordinal));
    }

    [Fact]
    public void ReadGateway_AllSources_LaterOnesWin()
    {
        WriteFile("""{ "MotionGateway": { "Gateway": { "MaxSessions": 1, "OpenTimeout": "1s", "HeartbeatTimeout": "00:01:00" } } }""");
        SetVariable("MOTIONGATEWAY__GATEWAY__MAXSESSIONS", "2");
        SetVariable("MOTIONGATEWAY__GATEWAY__OPENTIMEOUT", "2s");
        SetVariable("MOTIONGATEWAY__GATEWAY__MOTIONSERVER__APPID", "app");
        SetVariable("MOTIONGATEWAY__GATEWAY__MOTIONSERVER__APIKEY", Secret);
        var sources = Sources();
        sources.SetAll(["Gateway:MaxSessions=3"]);

        var options = ServiceSettings.ReadGateway(sources, out bool isLocal);

        Assert.Equal(3, options.MaxSessions);
        Assert.Equal(TimeSpan.FromSeconds(2), options.OpenTimeout);
        Assert.Equal(TimeSpan.FromMinutes(1), options.HeartbeatTimeout);
        Assert.Equal(Secret, options.MotionServer.ApiKey);
        Assert.False(isLocal);
    }

    [Fact]
    public void ReadGateway_EmptyText_TakesAValueBack()
    {
        WriteFile("""{ "MotionGateway": { "Gateway": { "MotionServer": { "AppId": "a", "ApiKey": "k", "ConsoleUrl": "http://own/console" } } } }""");
        var sources = Sources();
        sources.SetAll(["Gateway:MotionServer:ConsoleUrl="]);

        Assert.Null(ServiceSettings.ReadGateway(sources, out _).MotionServer.ConsoleUrl);
    }

    [Fact]
    public void ReadGateway_Regions_AreAListAndAMap()
    {
        WriteFile("""
            { "MotionGateway": { "Gateway": { "MotionServer": {
              "FallbackRegions": ["ap-northeast"],
              "RegionEndpoints": { "us-west": { "ConsoleUrl": "http://own/console" }, "ap-northeast": { "IngressUrl": "ws://own/ingress" } } } } } }
            """);
        var sources = Sources();
        sources.SetAll(["Gateway:MotionServer:ApiKey=k", "Gateway:MotionServer:AppId=a", "Gateway:MotionServer:RegionEndpoints:us-west:IngressUrl=ws://other"]);

        var options = ServiceSettings.ReadGateway(sources, out _).MotionServer;

        Assert.Equal(["ap-northeast"], options.FallbackRegions);
        Assert.Equal(["ap-northeast", "us-west"], options.RegionEndpoints.Keys.Order());
        Assert.Equal((new Uri("http://own/console"), new Uri("ws://other")), (options.RegionEndpoints["us-west"].ConsoleUrl!, options.RegionEndpoints["us-west"].IngressUrl!));
        Assert.Empty(options.Validate());
    }

    [Fact]
    public void ReadGateway_CredentialsOfRooms_ComeFromTheFileAndTheirSecretFromTheEnvironment()
    {
        WriteFile("""
            { "MotionGateway": { "Gateway": { "LiveKit": {
              "main": { "Url": "wss://one.example", "ApiKey": "one" }, "other": { "Url": "wss://two.example", "ApiKey": "two", "ApiSecret": "s" } } } } }
            """);
        SetVariable("MOTIONGATEWAY__GATEWAY__LIVEKIT__MAIN__APISECRET", Secret);
        var sources = Sources();
        sources.SetAll(["Gateway:MotionServer:ApiKey=k", "Gateway:MotionServer:AppId=a"]);

        var options = ServiceSettings.ReadGateway(sources, out _).LiveKit;

        Assert.Equal(2, options.Count);
        Assert.Equal(("wss://one.example", "one", Secret), (options["main"].Url, options["main"].ApiKey, options["main"].ApiSecret));
    }

    [Fact]
    public void ReadGateway_WrongMap_TellsAllWithTheirPaths()
    {
        var sources = Sources();
        sources.SetAll([
            "Gateway:MotionServer:ApiKey=k", "Gateway:MotionServer:AppId=a",
            "Gateway:MotionServer:RegionEndpoints:us-west:ConsolUrl=http://own", "Gateway:MotionServer:RegionEndpoints:ap-northeast=http://own"]);

        var problems = Assert.Throws<SettingsException>(() => ServiceSettings.ReadGateway(sources, out _)).Problems;

        Assert.Contains(problems, problem => problem.Contains("did you mean Gateway:MotionServer:RegionEndpoints:us-west:ConsoleUrl?", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.StartsWith("Gateway:MotionServer:RegionEndpoints:ap-northeast is a group", StringComparison.Ordinal));
    }

    [Fact]
    public void ReadRelay_LevelsOfTheLog_AreAMapByCategory()
    {
        WriteFile("""{ "MotionGateway": { "Relay": { "Logging": { "Format": "json", "LogLevel": { "MotionGateway.EdgeRelay": "debug" } } } } }""");
        var sources = Sources();
        sources.SetAll(["Relay:Logging:LogLevel:Default=warning"]);

        var logging = ServiceSettings.ReadRelay(sources).Logging;

        Assert.Equal(LogFormat.Json, logging.Format);
        Assert.Equal(2, logging.LogLevel.Count);
        Assert.Equal((LogLevel.Debug, LogLevel.Warning), (logging.LogLevel["MotionGateway.EdgeRelay"], logging.LogLevel["Default"]));
    }

    [Fact]
    public void ReadRelay_ALevelThatIsNone_IsToldWithItsPath()
    {
        var sources = Sources();
        sources.SetAll(["Relay:Logging:LogLevel:Default=loud", "Relay:Logging:LogLevel:*=debug"]);

        var problems = Assert.Throws<SettingsException>(() => ServiceSettings.ReadRelay(sources)).Problems;

        Assert.Contains(problems, problem => problem.StartsWith("Relay:Logging:LogLevel:Default: 'loud' is not one of Trace, ", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.StartsWith("Relay:Logging:LogLevel:* must be", StringComparison.Ordinal));
    }

    [Fact]
    public void ReadGateway_NoCredentialsInProduction_NamesWhatToSet()
    {
        var failure = Assert.Throws<SettingsException>(() => ServiceSettings.ReadGateway(Sources(), out _));

        Assert.Equal(ExitCode.Usage, failure.ExitCode);
        Assert.Contains("MOTIONGATEWAY__GATEWAY__MOTIONSERVER__APIKEY", failure.Message, StringComparison.Ordinal);
        Assert.Single(failure.Problems);
    }

    [Fact]
    public void ReadGateway_NoCredentialsInDevelopment_UsesTheLocalMotionServer()
    {
        var options = ServiceSettings.ReadGateway(Sources("Development"), out bool isLocal);

        Assert.True(isLocal);
        Assert.Equal("http://127.0.0.1:8790/v1/console", options.MotionServer.ConsoleUrl?.ToString());
        Assert.Equal("ws://127.0.0.1:8790/v2/driveningress", options.MotionServer.IngressUrl?.ToString());
    }

    [Fact]
    public void ReadGateway_NoCredentialsForAnotherMachine_IsRefusedInDevelopmentToo()
    {
        var sources = Sources("Development");
        sources.SetAll(["Gateway:MotionServer:ConsoleUrl=https://console.example.com"]);

        Assert.Throws<SettingsException>(() => ServiceSettings.ReadGateway(sources, out _));
    }

    [Theory]
    [InlineData("Gateway:MotionServer:AppId=a", "Gateway:MotionServer:ApiKey=" + Secret + " x", "Gateway:MaxSessions=0")]
    [InlineData("Gateway:MotionServer:AppId=a", "Gateway:MotionServer:ApiKy=" + Secret, "Gateway:MotionServer:ApiKey:X=" + Secret)]
    [InlineData("Gateway:MotionServer:AppId=a", Secret, "")]
    public void ReadGateway_WrongSecrets_AreNotRepeated(params string[] settings)
    {
        var sources = Sources();

        var failure = Assert.ThrowsAny<CommandException>(() =>
        {
            sources.SetAll(settings);
            ServiceSettings.ReadGateway(sources, out _);
        });

        Assert.DoesNotContain(Secret, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ReadRelay_ListsAndTimes_AreRead()
    {
        var sources = Sources();
        sources.SetAll(["Relay:AllowedOrigins=https://a.example;https://b.example", "Relay:FeedLinger=500ms"]);

        var options = ServiceSettings.ReadRelay(sources);

        Assert.Equal(["https://a.example", "https://b.example"], options.AllowedOrigins);
        Assert.Equal(TimeSpan.FromMilliseconds(500), options.FeedLinger);
    }

    [Fact]
    public void ReadRelay_SettingsOfAnotherService_AreNoConcern()
    {
        var sources = Sources();
        sources.SetAll(["Gateway:MaxSessions=x"]);

        Assert.NotNull(ServiceSettings.ReadRelay(sources));
    }

    [Fact]
    public void ReadMotionServer_Pace_IsRead()
    {
        var sources = Sources();
        sources.SetAll(["MotionServer:Pace=realtime"]);

        Assert.Equal(LocalMotion.ProcessingPace.RealTime, ServiceSettings.ReadMotionServer(sources).Pace);
    }

    public void Dispose()
    {
        _variables.ForEach(name => Environment.SetEnvironmentVariable(name, null));
        _directory.Delete(recursive: true);
    }

    private SettingsSources Sources(string environment = "Production") =>
        new() { Directory = _directory.FullName, EnvironmentName = environment };

    private void WriteFile(string json) => File.WriteAllText(Path.Combine(_directory.FullName, "appsettings.json"), json);

    private void SetVariable(string name, string value)
    {
        _variables.Add(name);
        Environment.SetEnvironmentVariable(name, value);
    }
}
