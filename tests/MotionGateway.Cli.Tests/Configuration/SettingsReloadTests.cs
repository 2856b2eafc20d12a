using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using MotionGateway.Cli.Configuration;
using MotionGateway.EdgeRelay;
using MotionGateway.Gateway;
using MotionGateway.Hosting;
using MotionGateway.Testing;

namespace MotionGateway.Cli.Tests.Configuration;

/// <summary>What becomes of a settings file that is changed while its service runs.</summary>
[Collection(nameof(ProcessEnvironment))]
public sealed class SettingsReloadTests : IDisposable
{
    private const string Secret = "kEy-that-nobody-may-see";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("motiongateway-reload-");
    private readonly TestLoggerProvider _log = new();

    private string File => Path.Combine(_directory.FullName, "settings.json");

    [Fact]
    public void Refresh_ChangedFile_IsInForceWithTheCommandLineOnTop()
    {
        Write("""{ "MaxSessions": 5, "OpenTimeout": "1s", "Apps": { "a": { "MotionServer": { "AppId": "a", "ApiKey": "a" } } } }""");
        var (reload, live) = StartGateway("Gateway:OpenTimeout=3s");
        using var _ = reload;
        Write("""{ "MaxSessions": 6, "OpenTimeout": "2s", "Apps": { "b": { "MotionServer": { "AppId": "b", "ApiKey": "kEy-that-nobody-may-see" } } } }""");

        reload.Refresh();

        Assert.Equal((6, TimeSpan.FromSeconds(3)), (live.CurrentValue.MaxSessions, live.CurrentValue.OpenTimeout));
        Assert.Equal(["b"], live.CurrentValue.Apps.Keys);
        var told = Assert.Single(_log.Entries, entry => entry.Message.StartsWith("These settings", StringComparison.Ordinal));
        Assert.Contains("apply from now on", told.Message, StringComparison.Ordinal);
        Assert.All(["Gateway:MaxSessions", "Gateway:Apps:a:MotionServer:AppId", "Gateway:Apps:b:MotionServer:ApiKey"],
            path => Assert.Contains(path, told.Message, StringComparison.Ordinal));
        Assert.DoesNotContain(_log.Entries, entry => entry.Message.Contains(Secret, StringComparison.Ordinal));
    }

    [Fact]
    public void Refresh_SettingThatNeedsARestart_IsToldAndStaysAsItWas()
    {
        Write("""{ "Urls": "http://127.0.0.1:1", "ShutdownGrace": "5s", "MaxSessions": 5 }""");
        var (reload, live) = StartGateway();
        using var _ = reload;
        Write("""{ "Urls": "http://127.0.0.1:2", "ShutdownGrace": "6s", "MaxSessions": 6 }""");

        reload.Refresh();

        Assert.Equal(
            ("http://127.0.0.1:1", TimeSpan.FromSeconds(5), 6),
            (live.CurrentValue.Urls, live.CurrentValue.ShutdownGrace, live.CurrentValue.MaxSessions));
        var told = Assert.Single(_log.Entries, entry => entry.Level == LogLevel.Warning);
        Assert.Equal("These settings have changed and need a restart: Gateway:Urls, Gateway:ShutdownGrace", told.Message);
    }

    [Theory]
    [InlineData("""{ "MotionGateway": { "Gateway": { "MaxSessions": 6, """, "this is no JSON")]
    [InlineData("""{ "MotionGateway": { "Gateway": { "MaxSessions": 0, "MaxSesions": 1, "DefaultApp": "nobody" } } }""",
        "Gateway:MaxSessions must be at least 1.", "did you mean Gateway:MaxSessions?", "Gateway:DefaultApp: there is no app 'nobody'")]
    [InlineData(null, "There is no file")]
    public void Refresh_BrokenFile_ChangesNothingAndTellsAllThatIsWrong(string? text, params string[] told)
    {
        Write("""{ "MaxSessions": 5 }""");
        var (reload, live) = StartGateway();
        using var _ = reload;
        var before = live.CurrentValue;
        Replace(text);

        reload.Refresh();
        reload.Refresh();

        Assert.Same(before, live.CurrentValue);
        var error = Assert.Single(_log.Entries, entry => entry.Level == LogLevel.Error);
        Assert.All(told, problem => Assert.Contains(problem, error.Message, StringComparison.Ordinal));
        Write("""{ "MaxSessions": 7 }""");
        reload.Refresh();
        Assert.Equal(7, live.CurrentValue.MaxSessions);
    }

    [Fact]
    public void Start_FileThatHasChangedSinceTheServiceWasSetUp_IsInForce()
    {
        Write("""{ "MaxSessions": 5 }""");
        var sources = GatewaySources();
        var live = new LiveOptions<GatewayOptions>(ServiceSettings.ReadGateway(sources, out bool _));
        Write("""{ "MaxSessions": 6 }""");

        using var reload = Start(ServiceSettings.GatewaySection, sources, live);

        Assert.Equal(6, live.CurrentValue.MaxSessions);
    }

    [Fact]
    public void Refresh_RelaysFile_ItsOriginsAreInForceAndItsProxiesNeedARestart()
    {
        Write("""{ "AllowedOrigins": ["https://a.example"], "TrustedProxies": ["10.0.0.1"] }""", "Relay");
        var live = new LiveOptions<EdgeRelayOptions>(ServiceSettings.ReadRelay(Sources()));
        using var reload = Start(ServiceSettings.RelaySection, Sources(), live);
        Write("""{ "AllowedOrigins": ["https://b.example"], "TrustedProxies": ["10.0.0.2"] }""", "Relay");

        reload.Refresh();

        Assert.Equal(["https://b.example"], live.CurrentValue.AllowedOrigins);
        Assert.Equal(["10.0.0.1"], live.CurrentValue.TrustedProxies);
        Assert.Contains(_log.Entries, entry => entry.Message == "These settings have changed and need a restart: Relay:TrustedProxies");
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private void Write(string json, string section = "Gateway") => Replace($$"""{ "MotionGateway": { "{{section}}": {{json}} } }""");

    private void Replace(string? text)
    {
        if (text is null)
        {
            System.IO.File.Delete(File);
        }
        else
        {
            System.IO.File.WriteAllText(File, text);
        }
    }

    private SettingsSources Sources(params string[] set)
    {
        var sources = new SettingsSources { File = File, EnvironmentName = "Production" };
        sources.SetAll([.. set]);
        return sources;
    }

    private SettingsSources GatewaySources(params string[] set) =>
        Sources(["Gateway:MotionServer:AppId=app", $"Gateway:MotionServer:ApiKey={Secret}", .. set]);

    private (SettingsReload<GatewayOptions> Reload, LiveOptions<GatewayOptions> Live) StartGateway(params string[] set)
    {
        var sources = GatewaySources(set);
        var live = new LiveOptions<GatewayOptions>(ServiceSettings.ReadGateway(sources, out bool _));
        return (Start(ServiceSettings.GatewaySection, sources, live), live);
    }

    private SettingsReload<T> Start<T>(string section, SettingsSources sources, LiveOptions<T> live)
        where T : class
    {
        using var services = new ServiceCollection()
            .AddSingleton(live).AddSingleton<TimeProvider>(new FakeTimeProvider()).AddSingleton<ILoggerFactory>(new LoggerFactory([_log])).BuildServiceProvider();
        return SettingsReload<T>.Start(section, sources, services);
    }
}
