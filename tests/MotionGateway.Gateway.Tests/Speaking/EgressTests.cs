using System.Text;
using Grpc.Core;
using MotionGateway.LocalMotion;
using MotionGateway.LocalMotion.Egress;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.Gateway.Tests;

/// <summary>Sessions that the Motion Server publishes into a room.</summary>
public sealed class EgressTests
{
    private const int Rate = 16000;
    private const string Secret = "livekit-secret-of-the-first";
    private const string OtherSecret = "livekit-secret-of-the-second";
    private const string Attribute = "attribute-that-may-be-secret";
    private const string AgoraApp = "0123456789abcdef0123456789abcdef";
    private const string Certificate = "fedcba9876543210fedcba9876543210";

    public static TheoryData<EgressSupport, Egress> Rooms => new()
    {
        { EgressSupport.PlaybackControl, LiveKit("room") },
        { EgressSupport.PlaybackControl, Agora("channel") },
        { EgressSupport.Plain, LiveKit("room") },
    };

    [Theory]
    [MemberData(nameof(Rooms))]
    public async Task Speak_IntoARoom_PublishesWhatWasSpokenAndTellsEventsWithoutMedia(EgressSupport support, Egress room)
    {
        await using var gateway = await StartAsync(motion => motion.Egress = support);
        using var speaker = await Speaker.OpenAsync(gateway.Speech, open => open.Egress = room);
        using var reader = await FeedReader.OpenAsync(gateway.Feed, speaker.SessionId);
        byte[] one = Speech.Create(Rate, Rate), two = Speech.Create(Rate, Rate / 2);

        await speaker.SayAsync(one, "one");
        await speaker.SayAsync(two, "two");
        await reader.TurnEndedAsync("two");
        await speaker.TurnEndedAsync("two");
        var report = await speaker.TurnReportAsync("two");

        string[] events = ["one TurnStarted", "one TurnSealed", "one TurnEnded", "two TurnStarted", "two TurnSealed", "two TurnEnded"];
        Assert.Equal(events, speaker.Received.Payloads().Select(payload => $"{payload.TurnId} {payload.ContentCase}"));
        Assert.Equal(events, reader.Received.Payloads().Select(payload => $"{payload.TurnId} {payload.ContentCase}"));
        Assert.All(speaker.Received.Payloads().Where(payload => payload.TurnStarted is not null), payload => Assert.True(payload.TurnStarted.Published));
        Assert.All(
            speaker.Received.Payloads().Where(payload => payload.TurnEnded is not null),
            payload => Assert.Equal(TurnOutcome.Completed, payload.TurnEnded.Outcome));
        Assert.Equal((Rate / 2, Rate / 2, 0L), (report.SampleCount, report.PlayedSamples, report.KeyframeCount));
        var connection = Assert.Single(gateway.MotionServer.Egress.Connections);
        Assert.Equal([one, two], connection.Requests.Select(request => Kept(gateway, connection, request)));
        Assert.Equal(connection.Requests[1].RequestId, report.RequestId);

        // Half a second of speech, less what the first signal was late.
        Assert.InRange(report.EndedMs - report.ReleasedMs, 250, long.MaxValue);
    }

    [Fact]
    public async Task Speak_OpusIntoARoom_IsPassedOnNoFurtherAheadThanTheLead()
    {
        await using var gateway = await StartAsync();
        using var speaker = await Speaker.OpenAsync(gateway.Speech, open =>
        {
            open.Egress = LiveKit("room");
            open.AudioFormat = new AudioFormat { Encoding = AudioEncoding.OggOpus };
            open.Delivery = new Delivery { MaxLeadMs = 1000 };
        });

        await speaker.SayAsync(Speech.EncodeOpus(Rate, Speech.Create(Rate, Rate * 3)), "one");
        var ended = await speaker.TurnEndedAsync("one");

        Assert.Equal((TurnOutcome.Completed, 3L * 48_000), (ended.Outcome, ended.PlayedSamples));
        var connection = Assert.Single(gateway.MotionServer.Egress.Connections);
        var request = Assert.Single(connection.Requests);
        Assert.Equal((TimeSpan.FromSeconds(3), "Ended"), (request.AudioDuration, $"{request.State}"));
        Assert.Equal(3 * 48_000 * 2, Kept(gateway, connection, request).Length);
    }

    [Fact]
    public async Task Pause_Resume_Interrupt_AreDoneByTheMotionServerAndToldWithItsPositions()
    {
        await using var gateway = await StartAsync();
        using var speaker = await Speaker.OpenAsync(gateway.Speech, open => open.Egress = LiveKit("room"));
        await speaker.SayAsync(Speech.Create(Rate, Rate * 60), "long");
        await speaker.FindAsync(response => response.Payload?.TurnStarted);

        await speaker.SendAsync(new SpeakRequest { PausePlayback = new PausePlayback() });
        var paused = await speaker.FindAsync(response => response.Payload?.PlaybackChanged);
        var held = Assert.Single(Assert.Single(gateway.MotionServer.Egress.Connections).Requests);
        await speaker.SendAsync(new SpeakRequest { ResumePlayback = new ResumePlayback() });
        var resumed = await speaker.FindAsync(response => response.Payload?.PlaybackChanged is { Paused: false } changed ? changed : null);
        var interrupted = await speaker.InterruptAsync();
        await speaker.SayAsync(Speech.Create(Rate, Rate / 5), "next");
        await speaker.TurnEndedAsync("next");

        Assert.Equal("Paused", $"{held.State}");
        Assert.Equal((true, (long)held.Played.TotalMilliseconds), (paused.Paused, paused.PlayedSamples * 1000 / Rate));
        Assert.Equal(paused.PlayedSamples, resumed.PlayedSamples);
        Assert.Equal(("long", false), (interrupted.TurnId, interrupted.AlreadyEnded));
        var requests = Assert.Single(gateway.MotionServer.Egress.Connections).Requests;
        Assert.Equal([("Interrupted", "explicit"), ("Ended", "")], requests.Select(request => ($"{request.State}", request.Reason)));
        Assert.Equal(
            (TurnOutcome.Interrupted, interrupted.PlayedSamples),
            ((await speaker.TurnEndedAsync("long")).Outcome, (await speaker.TurnEndedAsync("long")).PlayedSamples));
    }

    [Theory]
    [InlineData("fault-close-4503@end")]
    [InlineData("fault-reset@end")]
    public async Task Speak_ConnectionIsLostInMidTurn_PlaybackGoesOnFromWhatWasHeard(string fault)
    {
        await using var gateway = await StartAsync();
        gateway.MotionServer.Faults.Arm(fault, count: 1);
        using var speaker = await Speaker.OpenAsync(gateway.Speech, open => open.Egress = LiveKit("room"));
        byte[] pcm = Speech.Create(Rate, Rate * 6);

        await speaker.SendAudioAsync(pcm, "one");
        await Eventually.TrueAsync(() => gateway.Sessions.GetSession(new GetSessionRequest { SessionId = speaker.SessionId }).Session.Turns.FirstOrDefault()?.PlayedSamples >= Rate / 2);
        await speaker.EndTurnAsync("one");
        var ended = await speaker.TurnEndedAsync("one");
        var report = await speaker.TurnReportAsync("one");

        Assert.Equal((TurnOutcome.Completed, Rate * 6L, 1), (ended.Outcome, ended.PlayedSamples, report.Recoveries));
        var connections = gateway.MotionServer.Egress.Connections;
        Assert.Equal(2, connections.Count);
        byte[] again = Kept(gateway, connections[1], Assert.Single(connections[1].Requests));
        Assert.Equal(pcm[^again.Length..], again);

        // No less than was heard before, and no more than the first connection can have played.
        double heard = (pcm.Length - again.Length) / 2.0 / Rate;
        Assert.InRange(heard, 0.5, ((connections[0].ClosedAt ?? DateTimeOffset.MaxValue) - connections[0].OpenedAt).TotalSeconds + 0.5);
    }

    [Fact]
    public async Task Open_TheRoomRefusesTheToken_FailsForGoodWithoutASecret()
    {
        await using var gateway = await StartAsync(motion => motion.LiveKitApiSecret = "of-another-project");

        var fault = await Assert.ThrowsAsync<RpcException>(() => Speaker.OpenAsync(gateway.Speech, open => open.Egress = LiveKit("room")));

        Assert.Equal(StatusCode.InvalidArgument, fault.StatusCode);
        Assert.StartsWith("MOTION_SERVER_INVALID_EGRESS_CONFIG", fault.Status.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain(fault.Trailers, entry => entry.Key.Contains("retry", StringComparison.Ordinal));
        AssertNoSecret(gateway, fault.ToString());
    }

    [Theory]
    [InlineData("", EgressSupport.None, ErrorReason.MotionServerEgressUnavailable)]
    [InlineData("fault-close-4503@handshake", EgressSupport.PlaybackControl, ErrorReason.MotionServerUpstreamError)]
    public async Task Open_NoEgressCanBeHad_SaysThatTryingAgainCanHelp(string fault, EgressSupport support, ErrorReason reason)
    {
        await using var gateway = await StartAsync(motion => motion.Egress = support);
        if (fault.Length > 0)
        {
            gateway.MotionServer.Faults.Arm(fault, count: 1);
        }

        var refusal = await Assert.ThrowsAsync<RpcException>(() => Speaker.OpenAsync(gateway.Speech, open => open.Egress = LiveKit("room")));

        Assert.Equal((StatusCode.Unavailable, Protocol.ErrorTable.GetName(reason)), (refusal.StatusCode, refusal.Status.Detail.Split(':')[0]));
    }

    [Fact]
    public async Task Open_NoEgressCanBeHadWithAFallback_GoesThroughTheLogAndSaysSo()
    {
        await using var gateway = await StartAsync(motion => motion.Egress = EgressSupport.None);
        var room = LiveKit("room");
        room.Fallback = EgressFallback.Feed;
        using var speaker = await Speaker.OpenAsync(gateway.Speech, open => open.Egress = room);
        byte[] pcm = Speech.Create(Rate, Rate / 2);

        await speaker.SayAsync(pcm, "one");
        await speaker.TurnEndedAsync("one");
        var failure = await speaker.FindAsync(response => response.MotionServerFailure);

        FeedAssert.Whole(speaker.Received.Payloads(), "one", pcm, Rate);
        Assert.Null(speaker.Opened.Egress);
        Assert.Equal((ErrorReason.MotionServerEgressUnavailable, true), (failure.Reason, failure.FellBackToFeed));
        Assert.Null((await gateway.GetSessionAsync(speaker.SessionId)).Egress);
    }

    [Theory]
    [InlineData(EgressFallback.None)]
    [InlineData(EgressFallback.Feed)]
    public async Task Speak_TheRoomIsLostForGoodInMidTurn_TheTurnFailsAndTheNextIsHeard(EgressFallback fallback)
    {
        await using var gateway = await StartAsync();
        gateway.MotionServer.Faults.Arm("fault-reset@motion", count: 1);
        gateway.MotionServer.Faults.Arm("fault-server-error-16@handshake", count: 1);
        var room = LiveKit("room");
        room.Fallback = fallback;
        using var speaker = await Speaker.OpenAsync(gateway.Speech, open => open.Egress = room);
        byte[] next = Speech.Create(Rate, Rate / 2);

        await speaker.SayAsync(Speech.Create(Rate, Rate * 30), "one");
        await speaker.SayAsync(next, "two");
        var lost = await speaker.TurnEndedAsync("one");
        await speaker.TurnEndedAsync("two");
        var failure = await speaker.FindAsync(
            response => response.MotionServerFailure is { Reason: ErrorReason.MotionServerInvalidEgressConfig } told ? told : null);

        bool fellBack = fallback == EgressFallback.Feed;
        Assert.Equal((TurnOutcome.Failed, ErrorReason.MotionServerInvalidEgressConfig), (lost.Outcome, lost.Error));
        Assert.Equal(("one", fellBack), (Assert.Single(failure.LostTurnIds), failure.FellBackToFeed));
        Assert.Equal(fellBack, (await gateway.GetSessionAsync(speaker.SessionId)).Egress is null);
        if (fellBack)
        {
            FeedAssert.Whole(speaker.Received.Payloads(), "two", next, Rate);
            return;
        }

        var connection = gateway.MotionServer.Egress.Connections[^1];
        Assert.Equal(next, Kept(gateway, connection, Assert.Single(connection.Requests)));
    }

    [Fact]
    public async Task Room_TheMotionServerLeavesItInSilence_IsToldAndTheNextTurnBringsItBack()
    {
        await using var gateway = await StartAsync();
        var room = LiveKit("room");
        room.Livekit.IdleTimeoutSeconds = 1;
        using var speaker = await Speaker.OpenAsync(gateway.Speech, open => open.Egress = room);

        var failure = await speaker.FindAsync(response => response.MotionServerFailure);
        await speaker.SayAsync(Speech.Create(Rate, Rate / 5), "one");
        var ended = await speaker.TurnEndedAsync("one");

        Assert.Equal((ErrorReason.MotionServerIdleTimeout, true, ""), (failure.Reason, failure.Retryable, failure.TurnId));
        Assert.Equal(TurnOutcome.Completed, ended.Outcome);
        Assert.Equal(2, gateway.MotionServer.Egress.Connections.Count);
    }

    [Fact]
    public async Task Open_RoomsOfTwoProjectsOfEach_EachHasItsOwnCredentials()
    {
        await using var gateway = await StartAsync();
        Egress[] rooms = [LiveKit("r1"), LiveKit("r2", "second"), Agora("c1"), Agora("c2", "second")];
        rooms[0].Livekit.Attributes["name"] = Attribute;
        var speakers = await Task.WhenAll(rooms.Select(room => Speaker.OpenAsync(gateway.Speech, open => open.Egress = room)));

        await Task.WhenAll(speakers.Select(async speaker =>
        {
            await speaker.SayAsync(Speech.Create(Rate, Rate / 5), "one");
            Assert.Equal(TurnOutcome.Completed, (await speaker.TurnEndedAsync("one")).Outcome);
        }));

        var targets = gateway.MotionServer.Egress.Connections.Select(connection => (connection.Target.Url, connection.Target.Room)).Order();
        Assert.Equal([("", "c1"), ("", "c2"), ("wss://first.example/", "r1"), ("wss://second.example/", "r2")], targets);
        Assert.Equal(["name"], gateway.MotionServer.Egress.Connections.Single(connection => connection.Target.Room == "r1").Target.AttributeNames);
        var sessions = await gateway.Sessions.ListSessionsAsync(new ListSessionsRequest());
        AssertNoSecret(gateway, $"{sessions} {string.Join(' ', speakers.Select(speaker => speaker.Opened.Egress))}");
        Array.ForEach(speakers, speaker => speaker.Dispose());
    }

    [Theory]
    [InlineData("open.egress.room")]
    [InlineData("open.egress.livekit.room", "livekit")]
    [InlineData("open.egress.livekit.credentials", "livekit", "room", "third")]
    [InlineData("open.egress.livekit.credentials", "livekit", "room")]
    [InlineData("open.egress.agora.channel", "agora", "a/b", "first")]
    public async Task Open_ARoomThatMakesNoSense_IsRefusedByField(string field, string kind = "", string name = "", string credentials = "")
    {
        await using var gateway = await StartAsync();
        var room = kind == "livekit" ? LiveKit(name, credentials) : kind == "agora" ? Agora(name, credentials) : new Egress();

        var fault = await Assert.ThrowsAsync<RpcException>(() => Speaker.OpenAsync(gateway.Speech, open => open.Egress = room));

        Assert.Equal(StatusCode.InvalidArgument, fault.StatusCode);
        Assert.StartsWith($"INVALID_REQUEST {field}:", fault.Status.Detail, StringComparison.Ordinal);
    }

    private static Egress LiveKit(string room, string credentials = "first") =>
        new() { Livekit = new LiveKitRoom { Room = room, Credentials = credentials } };

    private static Egress Agora(string channel, string credentials = "first") =>
        new() { Agora = new AgoraChannel { Channel = channel, Credentials = credentials } };

    private static Task<GatewayUnderTest> StartAsync(Action<LocalMotionServerOptions>? motion = null) => GatewayUnderTest.StartAsync(
        options =>
        {
            options.LiveKit["first"] = new() { Url = "wss://first.example", ApiKey = "key-1", ApiSecret = Secret };
            options.LiveKit["second"] = new() { Url = "wss://second.example", ApiKey = "key-2", ApiSecret = OtherSecret };
            options.Agora["first"] = new() { AppId = AgoraApp, AppCertificate = Certificate };
            options.Agora["second"] = new() { AppId = Certificate, AppCertificate = AgoraApp };
            // A busy machine may be late with a connection, or with a signal.
            options.MotionServerReconnect = new MotionServer.ReconnectPolicy { Budget = TimeSpan.FromMinutes(1) };
            options.Limits = options.Limits with { PlaybackSignalTimeout = TimeSpan.FromSeconds(30) };
        },
        motion);

    private static byte[] Kept(GatewayUnderTest gateway, EgressConnection connection, EgressRequest request) =>
        gateway.MotionServer.Egress.FindMedia(connection.ConnectionId, request.RequestId)!.Audio.ToArray();

    private static void AssertNoSecret(GatewayUnderTest gateway, string text)
    {
        var told = new StringBuilder(text).AppendJoin('\n', gateway.Log.Entries.Select(entry => $"{entry}")).ToString();
        Assert.All(
            [Secret, OtherSecret, Attribute, Certificate, "eyJ", "007eJ"], secret => Assert.DoesNotContain(secret, told, StringComparison.Ordinal));
    }
}
