using Microsoft.Extensions.Options;

namespace MotionGateway.Gateway.Tests;

/// <summary>Credentials for rooms are looked at when a gateway starts.</summary>
public sealed class RoomCredentialsTests
{
    private const string Hex = "0123456789abcdef0123456789abcdef";

    [Fact]
    public void Build_CredentialsThatCannotBe_TellsAllAndRepeatsNone()
    {
        var options = WithMotionServer();
        options.LiveKit["empty"] = new();
        options.LiveKit["odd"] = new() { Url = "wss://user:pass-word@rooms.example", ApiKey = "key", ApiSecret = "livekit-secret\n" };
        options.LiveKit["no name"] = new() { Url = "ftp://rooms.example", ApiKey = "key", ApiSecret = "livekit-secret" };
        options.Agora["short"] = new() { AppId = Hex, AppCertificate = "agora-secret" };
        options.Agora["mixed"] = new() { AppId = $"{Hex[1..]}x", AppCertificate = Hex };
        (options.JoinTokenLifetime, options.PublisherTokenLifetime) = (TimeSpan.FromSeconds(5), TimeSpan.FromDays(2));

        var failure = Assert.Throws<OptionsValidationException>(() => GatewayHost.Build(options));

        string[] settings =
        [
            "Agora:mixed:AppId", "Agora:short:AppCertificate", "JoinTokenLifetime", "LiveKit:empty:ApiKey", "LiveKit:empty:ApiSecret",
            "LiveKit:empty:Url", "LiveKit:no name", "LiveKit:no name:Url", "LiveKit:odd:ApiSecret", "LiveKit:odd:Url", "PublisherTokenLifetime",
        ];
        Assert.Equal(settings, failure.Failures.Select(problem => problem.Split([" is ", " must ", " begins "], StringSplitOptions.None)[0]).Order(StringComparer.Ordinal));
        Assert.All(
            ["livekit-secret", "agora-secret", "pass-word", Hex], secret => Assert.DoesNotContain(secret, failure.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Build_SeveralProjectsOfBoth_Starts()
    {
        var options = WithMotionServer();
        options.Urls = "http://127.0.0.1:0";
        options.LiveKit["dev"] = new() { Url = "ws://127.0.0.1:7880", ApiKey = "devkey", ApiSecret = "secret" };
        options.LiveKit["cloud"] = new() { Url = "wss://rooms.example", ApiKey = "key", ApiSecret = "livekit-secret" };
        options.Agora["one"] = new() { AppId = Hex, AppCertificate = Hex };
        options.Agora["two"] = new() { AppId = Hex, AppCertificate = Hex };

        await using var app = GatewayHost.Build(options);
        await app.StartAsync();
        await app.StopAsync();
    }

    [Fact]
    public void Credentials_ShownToPeople_HoldNoSecret()
    {
        object[] credentials =
        [
            new LiveKitCredentials { Url = "wss://rooms.example", ApiKey = "livekit-key", ApiSecret = "livekit-secret" },
            new AgoraCredentials { AppId = Hex, AppCertificate = "agora-secret" },
        ];

        string shown = string.Join('\n', credentials);
        Assert.Contains("wss://rooms.example", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("livekit-key", shown, StringComparison.Ordinal);
    }

    private static GatewayOptions WithMotionServer() => new() { MotionServer = new() { AppId = "app", ApiKey = "key" } };
}
