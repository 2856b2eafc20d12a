using MotionGateway.Testing;
using MotionGateway.V1;
using static MotionGateway.EdgeRelay.Tests.Conformance.HeardMedia;

namespace MotionGateway.EdgeRelay.Tests.Conformance;

/// <summary>What docs/protocol.md promises to clients of any feed.</summary>
internal static class FeedScenarios
{
    public static IReadOnlyList<FeedScenario> All { get; } =
    [
        new("join", JoinAsync, _ => null),
        new("join late", JoinLateAsync, kind => kind is { IsPublished: true, IsOneTurn: false } ? "these clients always begin now" : null),
        new("join now", JoinNowAsync, kind => kind.IsOneTurn ? "these clients always begin with the turn" : null),
        new("resume by position", ResumeAsync, WithoutPositions),
        new("fall behind: disconnect", DisconnectAsync, _ => null),
        new("fall behind: drop motion", DropMotionAsync, WithoutAcknowledgements),
        new("fall behind: skip turn", SkipTurnAsync, WithoutAcknowledgements),
        new("interrupt", InterruptAsync, _ => null),
        new("gateway gone and back", RecoverAsync, kind => kind.IsAtGateway ? "it is the gateway" : null),
        new("drain", DrainAsync, _ => null),
        new("token wrong", TokenScenarios.RefuseWrongAsync, _ => null),
        new("token expired", TokenScenarios.RefuseExpiredAsync, _ => null),
        new("token expiring", TokenScenarios.TellExpiringAsync, kind => kind.IsPublished ? "these clients know no tokens" : null),
        new("token ends", TokenScenarios.EndAsync, _ => null),
        new("token renewed", TokenScenarios.RenewAsync, WithoutRenewal),
    ];

    private static string? WithoutPositions(FeedKind kind) => kind.IsPublished ? "these clients know no positions" : null;

    private static string? WithoutAcknowledgements(FeedKind kind) =>
        kind.Acknowledges ? null : "nothing is left out where nothing is acknowledged";

    private static string? WithoutRenewal(FeedKind kind) => kind.RenewsTokens
        ? null
        : kind.IsPublished ? "these clients know no tokens" : "a new token opens the next feed";

    private static async Task JoinAsync(FeedKind kind, SessionUnderTest session)
    {
        using var client = await kind.OpenAsync(session, await RequestAsync(session));
        await session.SayAsync("t1", seconds: 2);
        await session.PassTimeAsync(client.UntilAsync(FeedSign.TurnComplete, "t1"));
        await session.EndAsync("t1");
        if (kind.IsOneTurn)
        {
            Assert.Equal(ErrorReason.Unspecified, await client.UntilEndAsync());
            AssertWhole(session, ["t1"], client);
            return;
        }

        await session.SayAsync("t2", seconds: 1);
        await session.PassTimeAsync(client.UntilAsync(FeedSign.TurnComplete, "t2"));

        AssertWhole(session, ["t1", "t2"], client);
    }

    private static async Task JoinLateAsync(FeedKind kind, SessionUnderTest session)
    {
        await session.SayAsync("t0", seconds: 1);
        await session.EndAsync("t0");
        await session.SayAsync("t1", seconds: 4);
        session.Hear(TimeSpan.FromSeconds(2));

        using var client = await kind.OpenAsync(session, await RequestAsync(session));
        await client.UntilAsync(FeedSign.TurnComplete, "t1");

        AssertWhole(session, ["t1"], client);
    }

    private static async Task JoinNowAsync(FeedKind kind, SessionUnderTest session)
    {
        const int heardKeyframe = 62;
        await session.SayAsync("t1", seconds: 4);
        session.Hear(TimeSpan.FromSeconds(2.5));

        using var client = await kind.OpenAsync(session, await RequestAsync(session) with { Start = FeedStart.Now });
        await client.UntilAsync(FeedSign.TurnComplete, "t1");

        // From the first sample of the motion that holds the keyframe heard; from there on nothing is left out.
        var said = session.Said("t1").ToList();
        long keyframe = said.Last(payload => payload.Motion?.FirstKeyframe <= heardKeyframe).Motion.FirstKeyframe;
        Assert.InRange(keyframe, 1, heardKeyframe);
        var heard = said.SkipWhile(payload => !(payload.Audio is { } audio && audio.FirstSample + audio.SampleCount > keyframe * 640));
        AssertHas(heard, client);
        Assert.Equal(!kind.IsPublished, client.Received.Exists(had => had.SkipReason == SkipReason.BeforeStart));
    }

    private static async Task ResumeAsync(FeedKind kind, SessionUnderTest session)
    {
        var request = await RequestAsync(session);
        await session.SayAsync("t1", seconds: 2, ends: false);
        using var first = await kind.OpenAsync(session, request);
        for (int pieces = 0; pieces < 4; pieces++)
        {
            await first.UntilAsync(FeedSign.Audio);
        }

        using var second = await kind.OpenAsync(session, request with { Position = first.Position });
        await session.SayAsync("t1", seconds: 1);
        await second.UntilAsync(FeedSign.TurnComplete, "t1");

        Assert.NotEmpty(Media(FeedSign.Audio, second));
        AssertWhole(session, ["t1"], first, second);
    }

    private static async Task DisconnectAsync(FeedKind kind, SessionUnderTest session)
    {
        if (!kind.Acknowledges)
        {
            await CutOffAsync(kind, session);
            return;
        }

        var request = await RequestAsync(session) with { Policy = SlowReaderPolicy.Disconnect };
        using var slow = await kind.OpenAsync(session, request with { Acknowledges = false });
        await session.SayAsync("t1", seconds: 8);
        var reason = await session.PassTimeAsync(slow.UntilEndAsync());
        using var back = await kind.OpenAsync(session, request with { Position = slow.Position });
        await back.UntilAsync(FeedSign.TurnComplete, "t1");

        Assert.Equal(ErrorReason.ReaderTooSlow, reason);
        Assert.DoesNotContain(slow.Received, had => had.Sign == FeedSign.TurnComplete);
        AssertWhole(session, ["t1"], slow, back);
    }

    // Where nothing is acknowledged, the network shows that a client does not keep up.
    private static async Task CutOffAsync(FeedKind kind, SessionUnderTest session)
    {
        var relay = (RelaySession)session;
        using var slow = await kind.OpenAsync(session, await RequestAsync(session));
        var began = session.Time.GetUtcNow();
        relay.Flood("t1");
        await session.Time.AdvanceUntilAsync(TimeSpan.FromMilliseconds(200), () => relay.Test.ViewerCount == 0);

        // What else could end its feed takes an hour.
        Assert.InRange(session.Time.GetUtcNow() - began, TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(50));
        if (!kind.IsPublished)
        {
            using var back = await kind.OpenAsync(session, await RequestAsync(session) with { Position = slow.Position });
            await session.EndAsync("t1");
            await back.UntilAsync(FeedSign.TurnEnded, "t1");
            AssertWhole(session, ["t1"], back);
        }
    }

    private static async Task DropMotionAsync(FeedKind kind, SessionUnderTest session)
    {
        using var slow = await FallBehindAsync(kind, session, SlowReaderPolicy.DropMotion);

        Assert.Equal(Said(session, ["t1", "t2"], FeedSign.Audio), Media(FeedSign.Audio, slow));
        Assert.True(Count(slow, "t1", FeedSign.Motion) < session.Said("t1").Count(payload => payload.Motion is not null));
    }

    private static async Task SkipTurnAsync(FeedKind kind, SessionUnderTest session)
    {
        using var slow = await FallBehindAsync(kind, session, SlowReaderPolicy.SkipTurn);

        Assert.True(Count(slow, "t1", FeedSign.Audio) < session.Said("t1").Count(payload => payload.Audio is not null));
    }

    private static async Task<FeedClient> FallBehindAsync(FeedKind kind, SessionUnderTest session, SlowReaderPolicy policy)
    {
        var client = await kind.OpenAsync(session, await RequestAsync(session) with { Policy = policy, Acknowledges = false });
        await session.SayAsync("t1", seconds: 8);
        for (int pieces = 0; pieces < 2; pieces++)
        {
            await client.UntilAsync(FeedSign.Audio);
        }

        await session.SpareAsync();
        client.Acknowledges = true;
        await client.AcknowledgeAsync();
        var receiving = client.UntilAsync(FeedSign.TurnComplete, "t2");
        await session.EndAsync("t1");
        await session.SayAsync("t2", seconds: 1);
        await receiving;

        client.AssertWellFormed();
        var skipped = client.Received.Where(had => had.Sign == FeedSign.Skipped).ToList();
        Assert.NotEmpty(skipped);
        Assert.All(skipped, had => Assert.Equal(SkipReason.ReaderTooSlow, had.SkipReason));
        Assert.Contains(client.Received, had => had is { Sign: FeedSign.TurnEnded, TurnId: "t1" });
        Assert.Equal(session.Said("t2").Count(payload => payload.Audio is not null), Count(client, "t2", FeedSign.Audio));
        Assert.Equal(session.Said("t2").Count(payload => payload.Motion is not null), Count(client, "t2", FeedSign.Motion));
        return client;
    }

    private static async Task InterruptAsync(FeedKind kind, SessionUnderTest session)
    {
        using var client = await kind.OpenAsync(session, await RequestAsync(session));
        await session.SayAsync("t1", seconds: 2, ends: false);
        await client.UntilAsync(FeedSign.Audio);
        await session.InterruptAsync("t1");
        await session.SayAsync("t2", seconds: 1);
        if (kind.IsOneTurn)
        {
            Assert.Equal(ErrorReason.Unspecified, await client.UntilEndAsync());
            Assert.DoesNotContain(client.Received, had => had.Sign == FeedSign.TurnComplete);
            AssertBegins(session, "t1", Media(FeedSign.Audio, client));
            return;
        }

        await client.UntilAsync(FeedSign.TurnComplete, "t2");

        client.AssertWellFormed();
        int next = client.Received.FindIndex(had => had.Sign == FeedSign.Interrupted) + 1;
        Assert.Equal(kind.TellsNews, next > 0);
        Assert.Single(client.Received, had => had.Sign == FeedSign.TurnComplete);
        Assert.DoesNotContain(client.Received.Skip(next), had => next > 0 && had.TurnId == "t1");
        byte[] heard = Media(FeedSign.Audio, client);
        byte[] reply = Said(session, ["t2"], FeedSign.Audio);
        Assert.Equal(reply, heard[^reply.Length..]);
        AssertBegins(session, "t1", heard[..^reply.Length]);
    }

    private static async Task RecoverAsync(FeedKind kind, SessionUnderTest session)
    {
        var relay = (RelaySession)session;
        using var client = await kind.OpenAsync(session, await RequestAsync(session));
        await session.SayAsync("t1", seconds: 1, ends: false);
        await client.UntilAsync(FeedSign.Audio);
        await relay.Test.StopGatewayAsync();
        if (kind.TellsNews)
        {
            await session.PassTimeAsync(client.UntilAsync(FeedSign.GatewayAway));
        }

        int known = client.Received.Count;
        await session.SayAsync("t1", seconds: 1);
        await relay.Test.StartGatewayAsync();
        await session.PassTimeAsync(client.UntilAsync(FeedSign.TurnComplete, "t1"));

        AssertWhole(session, ["t1"], client);
        int back = client.Received.FindIndex(had => had.Sign == FeedSign.GatewayBack);
        Assert.Equal(kind.TellsNews, back >= known);
        Assert.DoesNotContain(client.Received.Skip(back), had => had.Sign == FeedSign.GatewayAway && kind.TellsNews);
    }

    private static async Task DrainAsync(FeedKind kind, SessionUnderTest session)
    {
        using var client = await kind.OpenAsync(session, await RequestAsync(session));
        await session.SayAsync("t1", seconds: 1, ends: false);
        await client.UntilAsync(FeedSign.Audio);
        var stopping = session.StopAsync();
        var reason = await session.PassTimeAsync(client.UntilEndAsync());
        await session.Time.AdvanceUntilAsync(TimeSpan.FromMilliseconds(200), () => stopping.IsCompleted);
        await stopping;

        Assert.Equal(!kind.IsPublished, client.Received.Exists(had => had.Sign == FeedSign.GoingAway));
        if (kind.IsAtGateway)
        {
            Assert.Equal((FeedSign.SessionEnded, ErrorReason.ShuttingDown), (client.Received[^1].Sign, client.Received[^1].Reason));
            Assert.Equal(ErrorReason.Unspecified, reason);
            return;
        }

        Assert.Equal(ErrorReason.ShuttingDown, reason);
        await ((RelaySession)session).MoveAsync();
        if (!kind.IsPublished)
        {
            using var back = await kind.OpenAsync(session, await RequestAsync(session) with { Position = client.Position });
            await session.SayAsync("t1", seconds: 1);
            await back.UntilAsync(FeedSign.TurnComplete, "t1");
            AssertWhole(session, ["t1"], client, back);
        }
    }

    private static async Task<FeedRequest> RequestAsync(SessionUnderTest session) => new(await session.CreateTokenAsync());
}
