using MotionGateway.V1;
using static MotionGateway.EdgeRelay.Tests.Conformance.HeardMedia;

namespace MotionGateway.EdgeRelay.Tests.Conformance;

/// <summary>What docs/protocol.md promises of viewer tokens.</summary>
internal static class TokenScenarios
{
    // By so much clocks may differ.
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(5);

    public static async Task RefuseWrongAsync(FeedKind kind, SessionUnderTest session)
    {
        string good = await session.CreateTokenAsync();
        foreach (string token in (string[])["nonsense", good[..^6] + "AAAAAA"])
        {
            await AssertRefusedAsync(kind, session, token, ErrorReason.ViewerTokenInvalid);
        }
    }

    public static async Task RefuseExpiredAsync(FeedKind kind, SessionUnderTest session)
    {
        string token = await session.CreateTokenAsync(60);
        session.Time.Advance(TimeSpan.FromSeconds(60) + ClockSkew + TimeSpan.FromSeconds(1));
        await AssertRefusedAsync(kind, session, token, ErrorReason.ViewerTokenExpired);
    }

    public static async Task TellExpiringAsync(FeedKind kind, SessionUnderTest session)
    {
        var end = session.Time.GetUtcNow().AddSeconds(600);
        using var client = await kind.OpenAsync(session, new FeedRequest(await session.CreateTokenAsync(600)));
        session.Time.Advance(TimeSpan.FromSeconds(538));
        await session.SayAsync("t1", seconds: 1, ends: false);
        await client.UntilAsync(FeedSign.Audio);
        Assert.DoesNotContain(client.Received, had => had.Sign == FeedSign.TokenExpiring);
        var told = await session.PassTimeAsync(client.UntilAsync(FeedSign.TokenExpiring));

        // A token counts whole seconds.
        Assert.InRange(told.ExpiresAt, end.AddSeconds(-1), end.AddSeconds(1));
    }

    public static async Task EndAsync(FeedKind kind, SessionUnderTest session)
    {
        using var client = await kind.OpenAsync(session, new FeedRequest(await session.CreateTokenAsync(60)));
        session.Time.Advance(TimeSpan.FromSeconds(61));
        await session.SayAsync("t1", seconds: 1, ends: false);
        await client.UntilAsync(FeedSign.Audio);

        Assert.Equal(ErrorReason.ViewerTokenExpired, await session.PassTimeAsync(client.UntilEndAsync()));
    }

    public static async Task RenewAsync(FeedKind kind, SessionUnderTest session)
    {
        using var client = await kind.OpenAsync(session, new FeedRequest(await session.CreateTokenAsync(60)));
        session.Time.Advance(TimeSpan.FromSeconds(2));
        var end = session.Time.GetUtcNow().AddSeconds(600);
        await client.RenewAsync(await session.CreateTokenAsync(600));
        var renewed = await client.UntilAsync(FeedSign.TokenRenewed);
        session.Time.Advance(TimeSpan.FromSeconds(300));
        await session.SayAsync("t1", seconds: 1);
        await client.UntilAsync(FeedSign.TurnComplete, "t1");

        Assert.InRange(renewed.ExpiresAt, end.AddSeconds(-1), end.AddSeconds(1));
        AssertWhole(session, ["t1"], client);
    }

    private static async Task AssertRefusedAsync(FeedKind kind, SessionUnderTest session, string token, ErrorReason reason)
    {
        using var client = await kind.Connect(session, new FeedRequest(token));

        Assert.Equal(reason, await client.UntilEndAsync());
        Assert.DoesNotContain(client.Received, had => had.Sign != FeedSign.Failed);
    }
}
