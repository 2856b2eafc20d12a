using System.Diagnostics.Metrics;
using Grpc.Core;
using Microsoft.Extensions.Options;
using MotionGateway.LocalMotion;
using MotionGateway.MotionServer;
using MotionGateway.Protocol;
using MotionGateway.Sessions;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.Gateway.Tests;

/// <summary>Several apps of one gateway: each has its own Motion Server, and none has what is another's.</summary>
public sealed class AppsTests : IAsyncLifetime
{
    private LocalMotionServer _motionOfAcme = null!;
    private GatewayUnderTest _gateway = null!;

    public async Task InitializeAsync()
    {
        _motionOfAcme = await LocalMotionServer.StartAsync(new LocalMotionServerOptions { AppId = "acme-id", ApiKey = "acme-key" });
        _gateway = await StartAsync(options => options.Apps["Acme"].Limits = new AppLimits { MaxSessions = 2, MaxReaders = 1 });
    }

    public async Task DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _motionOfAcme.DisposeAsync();
    }

    [Fact]
    public async Task Open_OfAnApp_IsServedByItsMotionServerAndToldByItsName()
    {
        using var speaker = await OpenAsync("acme");
        using var reader = await FeedReader.OpenAsync(_gateway.Feed, speaker.SessionId);
        using var other = await OpenAsync("");
        using var readerOfOther = await FeedReader.OpenAsync(_gateway.Feed, other.SessionId);

        Assert.Equal((1, 1), (_motionOfAcme.Counters.ConnectionsOpen, _gateway.MotionServer.Counters.ConnectionsOpen));
        Assert.Equal(("acme", "default"), ((await _gateway.GetSessionAsync(speaker.SessionId)).App, (await _gateway.GetSessionAsync(other.SessionId)).App));
        Assert.Equal(("acme-id", "local-app"), (reader.Started.AppId, readerOfOther.Started.AppId));
    }

    [Theory]
    [InlineData("", "default,acme", "default")]
    [InlineData("", "acme", "acme")]
    [InlineData("ACME", "acme,other", "acme")]
    [InlineData("acme", "default", null)]
    [InlineData("other", "other,default", null)]
    [InlineData("", "other", null)]
    [InlineData("", "other,acme", null)]
    public async Task Open_ByACallerOfSomeApps_IsOfTheNamedOrOnlyOrDefaultAppOrRefused(string asked, string apps, string? expected)
    {
        using var call = await OpenAsCallerAsync(asked, apps);

        if (expected is not null)
        {
            Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout());
            var opened = call.ResponseStream.Current.Opened;
            Assert.Equal(expected, (await _gateway.GetSessionAsync(opened.SessionId)).App);
            return;
        }

        var fault = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout());
        AssertFailure(fault, StatusCode.PermissionDenied, ErrorReason.AppNotFound);
        Assert.Equal("APP_NOT_FOUND open.app: There is no such app here for you: name one that you may open sessions under.", fault.Status.Detail);
    }

    [Fact]
    public async Task Sessions_OfAnotherApp_AreNotThereForACaller()
    {
        using var speaker = await OpenAsync("acme");
        var headers = new Metadata { { AppCallers.Header, "default" } };

        var listed = await _gateway.Sessions.ListSessionsAsync(new ListSessionsRequest(), headers);
        var fault = await Assert.ThrowsAsync<RpcException>(
            async () => await _gateway.Sessions.GetSessionAsync(new GetSessionRequest { SessionId = speaker.SessionId }, headers));

        Assert.Empty(listed.Sessions);
        AssertFailure(fault, StatusCode.NotFound, ErrorReason.SessionNotFound);
    }

    [Fact]
    public async Task Open_BeyondTheAppsSessions_IsRefusedWithATimeAndTheOtherAppGoesOn()
    {
        using var first = await OpenAsync("acme");
        using var second = await OpenAsync("acme");

        var fault = await Assert.ThrowsAsync<RpcException>(() => OpenAsync("acme"));

        AssertFailure(fault, StatusCode.ResourceExhausted, ErrorReason.AppLimit);
        for (int i = 0; i < 3; i++)
        {
            using var other = await OpenAsync("default");
            await other.SayAsync(Speech.Create(16000, 4000), "turn");
            Assert.Equal(TurnOutcome.Completed, (await other.TurnEndedAsync("turn")).Outcome);
        }

        await second.SendAsync(new SpeakRequest { Close = new CloseSession() });
        await second.WaitForEndAsync();
        using var third = await OpenAsync("acme");
    }

    [Fact]
    public async Task Subscribe_BeyondTheAppsReaders_IsRefusedWithATimeAndTheOtherAppGoesOn()
    {
        using var first = await OpenAsync("acme");
        using var second = await OpenAsync("acme");
        using var other = await OpenAsync("default");
        using var reader = await FeedReader.OpenAsync(_gateway.Feed, first.SessionId, start => start.ReaderId = "one");

        var fault = await Assert.ThrowsAsync<RpcException>(() => FeedReader.OpenAsync(_gateway.Feed, second.SessionId));

        AssertFailure(fault, StatusCode.ResourceExhausted, ErrorReason.AppLimit);
        using var ofOther = await FeedReader.OpenAsync(_gateway.Feed, other.SessionId);
        using var again = await FeedReader.OpenAsync(_gateway.Feed, first.SessionId, start => start.ReaderId = "one");
        await reader.ReadToFailureAsync();
    }

    [Fact]
    public async Task MotionServer_OfOneAppIsAway_TheOtherAppGoesOn()
    {
        await _motionOfAcme.DisposeAsync();

        await Assert.ThrowsAsync<RpcException>(() => OpenAsync("acme"));

        using var other = await OpenAsync("default");
        await other.SayAsync(Speech.Create(16000, 4000), "turn");
        Assert.Equal(TurnOutcome.Completed, (await other.TurnEndedAsync("turn")).Outcome);
    }

    [Fact]
    public async Task Open_CountsByTheAppsName_AndNoNameThatACallerMadeUp()
    {
        var apps = new List<string?>();
        using var listener = ListenToRefusals(apps);
        using var first = await OpenAsync("acme");
        using var second = await OpenAsync("acme");

        await Assert.ThrowsAsync<RpcException>(() => OpenAsync("acme"));
        await Assert.ThrowsAsync<RpcException>(() => OpenAsync("made-up"));

        Assert.Contains("acme", apps);
        Assert.DoesNotContain("made-up", apps);
    }

    [Fact]
    public async Task Rooms_OfAnotherApp_AreNotThere()
    {
        await using var gateway = await StartAsync(
            options => options.LiveKit["main"] = new LiveKitCredentials { Url = "wss://rooms.example", ApiKey = "key", ApiSecret = "secret" });

        var fault = await Assert.ThrowsAsync<RpcException>(() => Speaker.OpenAsync(gateway.Speech, open =>
        {
            open.App = "acme";
            open.Egress = new Egress { Livekit = new LiveKitRoom { Room = "room", Credentials = "main" } };
        }));

        Assert.True(RpcErrors.TryRead(fault, out var failure));
        Assert.Equal((ErrorReason.InvalidRequest, "open.egress.livekit.credentials"), (failure.Reason, failure.Field));
    }

    [Fact]
    public void Build_WrongApps_NamesEverySetting()
    {
        var options = new GatewayOptions { MotionServer = new MotionServerOptions { AppId = "app", ApiKey = "key" }, DefaultApp = "nobody" };
        options.Apps["default"] = new AppOptions { MotionServer = new MotionServerOptions { AppId = "app", ApiKey = "key" } };
        options.Apps["a b"] = new AppOptions
        {
            MotionServer = new MotionServerOptions { ApiKey = "key" },
            Limits = new AppLimits { MaxSessions = 0, OpensPerSecond = 0, MaxReaders = 0, MaxTotalBytes = 1 },
        };

        var failure = Assert.Throws<OptionsValidationException>(() => GatewayHost.Build(options));

        Assert.All(
            [
                "Apps:a b is no name", "Apps:a b:MotionServer:AppId", "Apps:a b:Limits:MaxSessions", "Apps:a b:Limits:OpensPerSecond",
                "Apps:a b:Limits:MaxReaders", "Apps:a b:Limits:MaxTotalBytes", "Apps:default and MotionServer are the same app",
                "DefaultApp: there is no app 'nobody'",
            ],
            start => Assert.Single(failure.Failures, problem => problem.StartsWith(start, StringComparison.Ordinal)));
        Assert.Equal(8, failure.Failures.Count());
    }

    [Fact]
    public async Task Open_OnlyAppsAndNoDefault_NamesOneOrIsRefused()
    {
        await using var gateway = await StartAsync(options =>
        {
            options.MotionServer = new MotionServerOptions();
            options.Apps["other"] = options.Apps["acme"];
        });

        var fault = await Assert.ThrowsAsync<RpcException>(() => Speaker.OpenAsync(gateway.Speech));
        using var speaker = await Speaker.OpenAsync(gateway.Speech, open => open.App = "acme");

        AssertFailure(fault, StatusCode.PermissionDenied, ErrorReason.AppNotFound);
        Assert.Equal("acme", (await gateway.GetSessionAsync(speaker.SessionId)).App);
    }

    private static void AssertFailure(RpcException fault, StatusCode status, ErrorReason reason)
    {
        Assert.True(RpcErrors.TryRead(fault, out var failure));
        Assert.Equal((status, reason), (fault.StatusCode, failure.Reason));
        Assert.Equal(reason == ErrorReason.AppLimit, failure.RetryAfter > TimeSpan.Zero);
    }

    private static MeterListener ListenToRefusals(List<string?> apps)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Name == "motiongateway.session.refused")
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            lock (apps)
            {
                apps.AddRange(tags.ToArray().Where(tag => tag.Key == "motiongateway.app").Select(tag => tag.Value as string));
            }
        });
        listener.Start();
        return listener;
    }

    private Task<GatewayUnderTest> StartAsync(Action<GatewayOptions> configure) => GatewayUnderTest.StartAsync(
        options =>
        {
            options.Apps["Acme"] = new AppOptions { MotionServer = GatewayUnderTest.AddressOf(_motionOfAcme, "acme-id", "acme-key") };
            configure(options);
        },
        extend: AppCallers.Add);

    private Task<Speaker> OpenAsync(string app) => Speaker.OpenAsync(_gateway.Speech, open => open.App = app);

    private async Task<AsyncDuplexStreamingCall<SpeakRequest, SpeakResponse>> OpenAsCallerAsync(string app, string apps)
    {
        var call = _gateway.Speech.Speak(new Metadata { { AppCallers.Header, apps } });
        await call.RequestStream.WriteUnlessEndedAsync(new SpeakRequest
        {
            Open = new OpenSession { App = app, AvatarId = "avatar-1", AudioFormat = new AudioFormat { SampleRate = 16000 } },
        });
        return call;
    }
}
