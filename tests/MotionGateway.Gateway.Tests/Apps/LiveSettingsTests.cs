using System.Security.Cryptography;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using MotionGateway.LocalMotion;
using MotionGateway.Protocol;
using MotionGateway.Sessions;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.Gateway.Tests;

/// <summary>Settings and keys that are replaced while a gateway serves.</summary>
public sealed class LiveSettingsTests : IDisposable
{
    private const int Rate = 16_000;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("motiongateway-live-");

    private string OldKey => Path.Combine(_directory.FullName, "old.pem");

    private string NewKey => Path.Combine(_directory.FullName, "new.pem");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Replace_FiftySessionsSpeak_NothingIsLost()
    {
        const int Count = 50;
        await using var gateway = await GatewayUnderTest.StartAsync(
            options => options.ViewerTokenKeyFiles.Add(OldKey), motion => motion.MaxConnections = 4 * Count);
        var speakers = await Task.WhenAll(Enumerable.Range(0, Count).Select(_ => Speaker.OpenAsync(gateway.Speech)));
        var viewers = await Task.WhenAll(speakers.Select(speaker => ViewAsync(gateway, speaker)));
        var speech = Speech.Create(Rate, Rate);
        await SayAsync("one");

        // While all of them play: other credentials, other bounds, another key, and another app.
        gateway.Replace(options =>
        {
            options.MotionServer.TokenLifetime = TimeSpan.FromMinutes(2);
            options.MaxSessions = 1;
            options.Limits = new SessionLimits { MaxTurn = TimeSpan.FromMinutes(1) };
            options.ViewerTokenKeyFiles.Add(NewKey);
            options.ViewerTokenKeyFiles.Add(OldKey);
        });
        await SayAsync("two");
        using (var byTheOldKey = await ViewAsync(gateway, speakers[0]))
        {
        }

        gateway.Replace(options =>
        {
            options.Apps["only"] = new AppOptions { MotionServer = options.MotionServer };
            options.MotionServer = new();
            options.ViewerTokenKeyFiles.Add(NewKey);
        });

        await Task.WhenAll(viewers.Select(viewer => viewer.TurnEndedAsync("two")));
        await Task.WhenAll(speakers.Select(speaker => speaker.TurnReportAsync("two")));
        Assert.All(viewers, viewer =>
        {
            FeedAssert.Contiguous(viewer.Received);
            FeedAssert.Whole(viewer.Received.Payloads(), "one", speech, Rate);
            FeedAssert.Whole(viewer.Received.Payloads(), "two", speech, Rate);
        });
        Assert.All(speakers, speaker => Assert.DoesNotContain(speaker.Received, response => response.MotionServerFailure is not null));

        // New sessions are opened by what is in force now; tokens of the key that went are worth nothing.
        using var later = await Speaker.OpenAsync(gateway.Speech);
        Assert.Equal("only", (await gateway.GetSessionAsync(later.SessionId)).App);
        AssertReason(ErrorReason.ViewerTokenInvalid, await Assert.ThrowsAsync<RpcException>(() => ViewAsync(gateway, speakers[0])));
        using var ofNewKey = await ViewAsync(gateway, later);
        Array.ForEach(viewers, viewer => viewer.Dispose());
        Array.ForEach(speakers, speaker => speaker.Dispose());

        Task SayAsync(string turn) => Task.WhenAll(speakers.Select(async speaker =>
        {
            await speaker.SayAsync(speech, turn);
            await speaker.WaitForAsync(response => response.Payload?.Audio is not null && response.Payload.TurnId == turn);
        }));
    }

    [Fact]
    public async Task Replace_CredentialsOfAnApp_SessionsKeepTheirsAndNewOnesHaveTheNew()
    {
        await using var newer = await LocalMotionServer.StartAsync(new LocalMotionServerOptions { AppId = "newer-id", ApiKey = "newer-key" });
        await using var gateway = await GatewayUnderTest.StartAsync(options =>
        {
            options.MotionServerPool.Size = 1;
            options.Limits = new SessionLimits { ClosedRetention = TimeSpan.FromMilliseconds(1) };
        });
        using var before = await Speaker.OpenAsync(gateway.Speech);
        await Eventually.EqualAsync(2, () => gateway.MotionServer.Counters.ConnectionsOpen);

        gateway.Replace(options => options.MotionServer = GatewayUnderTest.AddressOf(newer, "newer-id", "newer-key"));
        using var after = await Speaker.OpenAsync(gateway.Speech);
        await before.SayAsync(Speech.Create(Rate, 4000), "turn");

        Assert.Equal(TurnOutcome.Completed, (await before.TurnEndedAsync("turn")).Outcome);
        Assert.Equal(1, newer.Counters.ConnectionsOpen);
        using var reader = await FeedReader.OpenAsync(gateway.Feed, before.SessionId);
        Assert.Equal("local-app", reader.Started.AppId);

        // The connection that was kept ready goes too.
        await before.SendAsync(new SpeakRequest { Close = new CloseSession() });
        await Eventually.EqualAsync(0, () => gateway.MotionServer.Counters.ConnectionsOpen);
    }

    [Fact]
    public async Task Replace_TheSameCredentials_KeepsWhatIsReady()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(options => options.MotionServerPool.Size = 1);
        using var first = await Speaker.OpenAsync(gateway.Speech);
        await Eventually.EqualAsync(2, () => gateway.MotionServer.Counters.ConnectionsOpen);

        gateway.Replace(options =>
        {
            options.MotionServerPool.Size = 1;
            options.MaxSessions = 5;
        });
        using var second = await Speaker.OpenAsync(gateway.Speech);

        await Eventually.EqualAsync(3, () => gateway.MotionServer.Counters.ConnectionsOpen);
        Assert.Equal(3, gateway.MotionServer.Counters.ConnectionsAccepted);
    }

    [Fact]
    public async Task Replace_AnAppWithoutIt_TakesNoNewSessionsAndLetsTheOpenOnesSpeak()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(
            options => options.Apps["acme"] = new AppOptions { MotionServer = options.MotionServer });
        using var speaker = await Speaker.OpenAsync(gateway.Speech, open => open.App = "acme");

        gateway.Replace(_ => { });
        var fault = await Assert.ThrowsAsync<RpcException>(() => Speaker.OpenAsync(gateway.Speech, open => open.App = "acme"));
        await speaker.SayAsync(Speech.Create(Rate, 4000), "turn");

        AssertReason(ErrorReason.AppNotFound, fault);
        Assert.Equal(TurnOutcome.Completed, (await speaker.TurnEndedAsync("turn")).Outcome);
    }

    [Fact]
    public async Task Replace_LowerLimits_HoldForNewSessionsAndNoOpenOneIsEnded()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        using var first = await Speaker.OpenAsync(gateway.Speech);
        using var second = await Speaker.OpenAsync(gateway.Speech);

        gateway.Replace(options =>
        {
            options.MaxSessions = 2;
            options.HeartbeatInterval = TimeSpan.FromSeconds(7);
            options.Limits = new SessionLimits { MaxTurn = TimeSpan.FromSeconds(90) };
        });
        AssertReason(ErrorReason.SessionLimit, await Assert.ThrowsAsync<RpcException>(() => Speaker.OpenAsync(gateway.Speech)));
        await second.SendAsync(new SpeakRequest { Close = new CloseSession() });
        await second.WaitForEndAsync();
        using var third = await Speaker.OpenAsync(gateway.Speech);

        Assert.Equal((3_600_000, 15_000), (first.Opened.Limits.MaxTurnMs, first.Opened.Limits.HeartbeatIntervalMs));
        Assert.Equal((90_000, 7_000), (third.Opened.Limits.MaxTurnMs, third.Opened.Limits.HeartbeatIntervalMs));
        Assert.Equal(SessionState.Active, (await gateway.GetSessionAsync(first.SessionId)).State);
    }

    [Fact]
    public async Task KeyFile_IsReplaced_SignsFromThenOn_AndOneThatBreaksChangesNothing()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var gateway = await GatewayUnderTest.StartAsync(options => options.ViewerTokenKeyFile = NewKey, time: time);
        using var speaker = await Speaker.OpenAsync(gateway.Speech);
        string before = await GetKeysAsync();
        using (var viewer = await ViewAsync(gateway, speaker))
        {
        }

        await WriteKeyAsync(NewKey);
        await time.AdvanceUntilAsync(TimeSpan.FromSeconds(1), () => GetKeys() != before);
        AssertReason(ErrorReason.ViewerTokenInvalid, await Assert.ThrowsAsync<RpcException>(() => ViewAsync(gateway, speaker)));

        string after = await GetKeysAsync();
        gateway.Log.Expect(entry => entry.Message.Contains("ViewerTokenKeyFiles", StringComparison.Ordinal));
        await File.WriteAllTextAsync(NewKey, "no key");
        await time.AdvanceUntilAsync(
            TimeSpan.FromSeconds(1), () => gateway.Log.Entries.Any(entry => entry.Message.Contains("cannot be used", StringComparison.Ordinal)));

        Assert.Equal(after, await GetKeysAsync());
        using var fresh = await Speaker.OpenAsync(gateway.Speech);
        using var viewerOfFresh = await ViewAsync(gateway, fresh);

        string GetKeys() => gateway.Sessions.GetViewerTokenKeys(new GetViewerTokenKeysRequest()).Jwks;
        async Task<string> GetKeysAsync() => (await gateway.Sessions.GetViewerTokenKeysAsync(new GetViewerTokenKeysRequest())).Jwks;
    }

    private static Task WriteKeyAsync(string path)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return File.WriteAllTextAsync(path, key.ExportPkcs8PrivateKeyPem());
    }

    private static Task<FeedReader> ViewAsync(GatewayUnderTest gateway, Speaker speaker) => FeedReader.OpenAsync(
        gateway.Feed, speaker.SessionId, start => (start.ViewerToken, start.Start) = (speaker.Opened.ViewerToken, FeedStart.CurrentTurn));

    private static void AssertReason(ErrorReason reason, RpcException fault)
    {
        Assert.True(RpcErrors.TryRead(fault, out var failure));
        Assert.Equal(reason, failure.Reason);
    }
}
