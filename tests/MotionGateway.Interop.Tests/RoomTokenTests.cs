using System.Text.Json;
using MotionGateway.Gateway;
using MotionGateway.Testing;

namespace MotionGateway.Interop.Tests;

/// <summary>The vendors' own libraries judge the room tokens that a gateway makes.</summary>
[Trait("Category", "Interop")]
public sealed class RoomTokenTests
{
    private const string NodeModules = "tests/MotionGateway.Interop.Tests/node/node_modules";
    private const string NodeRemedy = "run npm ci in tests/MotionGateway.Interop.Tests/node";
    private const string LiveKitSdk = $"{NodeModules}/livekit-server-sdk/package.json";
    private const string AgoraSdk = $"{NodeModules}/agora-token/package.json";

    private static readonly LiveKitCredentials LiveKit = new() { Url = "wss://rooms.example", ApiKey = "devkey", ApiSecret = "secret" };

    private static readonly AgoraCredentials Agora = new()
    {
        AppId = "0123456789abcdef0123456789abcdef",
        AppCertificate = "fedcba9876543210fedcba9876543210",
    };

    [RequiresToolTheory(LiveKitSdk, NodeRemedy)]
    [InlineData("Viewer", """{"roomJoin":true,"room":"r 1","canPublish":false,"canPublishData":false,"canSubscribe":true}""")]
    [InlineData(
        "TalkingViewer",
        """{"roomJoin":true,"room":"r 1","canPublish":true,"canPublishData":true,"canSubscribe":true,"canPublishSources":["microphone"]}""")]
    [InlineData("Publisher", """{"roomJoin":true,"room":"r 1","canPublish":true,"canPublishData":true,"canSubscribe":false}""")]
    public async Task LiveKitToken_VerifiedByTheVendor_HasExactlyTheDocumentedGrants(string role, string grant)
    {
        var now = Now();
        string token = LiveKitToken.Create(LiveKit, "r 1", "zoë", Enum.Parse<RoomRole>(role), now, now.AddMinutes(10));

        var claims = (await JudgeAsync(Verify(LiveKit, token)))[0].GetProperty("claims");

        Assert.Equal(["iss", "sub", "nbf", "exp", "video"], claims.EnumerateObject().Select(claim => claim.Name));
        Assert.Equal(("devkey", "zoë"), (claims.GetProperty("iss").GetString(), claims.GetProperty("sub").GetString()));
        Assert.Equal(now.ToUnixTimeSeconds(), claims.GetProperty("nbf").GetInt64());
        Assert.Equal(now.ToUnixTimeSeconds() + 600, claims.GetProperty("exp").GetInt64());
        Assert.Equal(grant, claims.GetProperty("video").GetRawText());
    }

    [RequiresToolFact(LiveKitSdk, NodeRemedy)]
    public async Task LiveKitToken_AlteredExpiredOrOfAnotherProject_IsRefusedByTheVendor()
    {
        var now = Now();
        string token = LiveKitToken.Create(LiveKit, "room", "ann", RoomRole.Viewer, now, now.AddMinutes(10));
        string other = LiveKitToken.Create(LiveKit, "other", "ann", RoomRole.Publisher, now, now.AddMinutes(10));
        string[] parts = token.Split('.');
        var foreign = new LiveKitCredentials { Url = LiveKit.Url, ApiKey = LiveKit.ApiKey, ApiSecret = "another" };
        var renamed = new LiveKitCredentials { Url = LiveKit.Url, ApiKey = "another", ApiSecret = LiveKit.ApiSecret };

        var answers = await JudgeAsync(
            Verify(LiveKit, token),
            Verify(LiveKit, $"{parts[0]}.{other.Split('.')[1]}.{parts[2]}"),
            Verify(LiveKit, LiveKitToken.Create(LiveKit, "room", "ann", RoomRole.Viewer, now.AddHours(-1), now.AddMinutes(-1))),
            Verify(LiveKit, LiveKitToken.Create(LiveKit, "room", "ann", RoomRole.Viewer, now.AddHours(1), now.AddHours(2))),
            Verify(foreign, token),
            Verify(renamed, token));

        Assert.True(answers[0].TryGetProperty("claims", out _));
        const string signature = "ERR_JWS_SIGNATURE_VERIFICATION_FAILED";
        const string claim = "ERR_JWT_CLAIM_VALIDATION_FAILED";
        Assert.Equal(
            [signature, "ERR_JWT_EXPIRED", claim, signature, claim],
            answers.Skip(1).Select(answer => answer.GetProperty("refused").GetString()!));
    }

    [RequiresToolTheory(AgoraSdk, NodeRemedy)]
    [InlineData("Viewer", "viewer", 7U, 1U)]
    [InlineData("TalkingViewer", "talkingViewer", uint.MaxValue, 99_999_999U)]
    [InlineData("Publisher", "publisher", 0U, 12_345U)]
    public async Task AgoraToken_ForTheSameSaltAndTime_EqualsTheVendors(string role, string name, uint uid, uint salt)
    {
        var now = Now();
        string token = AgoraToken.Create(Agora, "kanał-1", uid, Enum.Parse<RoomRole>(role), now, TimeSpan.FromMinutes(10), salt);

        var answers = await JudgeAsync(
            Read(Agora.AppCertificate, token),
            Ask("agoraMade", new
            {
                appId = Agora.AppId,
                certificate = Agora.AppCertificate,
                channel = "kanał-1",
                uid,
                role = name,
                issueTime = now.ToUnixTimeSeconds(),
                seconds = 600,
                salt,
            }));

        Assert.Equal(answers[1].GetProperty("content").GetString(), answers[0].GetProperty("content").GetString());
    }

    [RequiresToolTheory(AgoraSdk, NodeRemedy)]
    [InlineData("Viewer", """{"1":600}""")]
    [InlineData("TalkingViewer", """{"1":600,"2":600,"4":600}""")]
    [InlineData("Publisher", """{"1":600,"2":600,"3":600,"4":600}""")]
    public async Task AgoraToken_ReadByTheVendor_HasExactlyTheDocumentedPrivileges(string role, string privileges)
    {
        var now = Now();
        string token = AgoraToken.Create(Agora, "channel", 42, Enum.Parse<RoomRole>(role), now, TimeSpan.FromMinutes(10), 5);

        var read = await JudgeAsync(Read(Agora.AppCertificate, token), Read(Agora.AppId, token));

        Assert.True(read[0].GetProperty("isSigned").GetBoolean());
        Assert.False(read[1].GetProperty("isSigned").GetBoolean());
        Assert.Equal(
            (Agora.AppId, now.ToUnixTimeSeconds(), 600, "channel", "42"),
            (read[0].GetProperty("appId").GetString(), read[0].GetProperty("issueTime").GetInt64(), read[0].GetProperty("seconds").GetInt32(),
                read[0].GetProperty("channel").GetString(), read[0].GetProperty("uid").GetString()));
        Assert.Equal(privileges, read[0].GetProperty("privileges").GetRawText());
    }

    // The vendors' libraries have the true clock.
    private static DateTimeOffset Now() => DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds());

    private static string Verify(LiveKitCredentials credentials, string token) =>
        Ask("livekit", new { key = credentials.ApiKey, secret = credentials.ApiSecret, token });

    private static string Read(string certificate, string token) => Ask("agora", new { certificate, token });

    private static string Ask(string name, object question) => JsonSerializer.Serialize(new Dictionary<string, object> { [name] = question });

    private static async Task<List<JsonElement>> JudgeAsync(params string[] questions)
    {
        var lines = await ChildProcess.RunAsync(
            "node", [RepositoryRoot.PathTo("tests", "MotionGateway.Interop.Tests", "node", "room-tokens.js"), .. questions]);
        return [.. lines.Select(line => JsonDocument.Parse(line).RootElement)];
    }
}
