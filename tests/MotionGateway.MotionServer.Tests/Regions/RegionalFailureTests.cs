using MotionGateway.MotionServer.Tests.Scripted;
using MotionGateway.Testing;
using Code = MotionGateway.MotionServer.MotionServerErrorCode;

namespace MotionGateway.MotionServer.Tests.Regions;

/// <summary>Which failures lead to the next region.</summary>
public sealed class RegionalFailureTests
{
    private const string Main = "us-west";
    private const string Second = "ap-northeast";

    private static readonly MotionAudioFormat Format = new(16000);

    /// <summary>What happens in the first region, and whether the next one is tried.</summary>
    public static TheoryData<string, bool> Kinds => new()
    {
        { "no listener", true },
        { "token stall", true },
        { "token 500", true },
        { "token 503", true },
        { "token 408", true },
        { "token 302", true },
        { "token 400", false },
        { "token 401", false },
        { "token 402", false },
        { "token 403", false },
        { "token 429", false },
        { "token 200", false },
        { "upgrade stall", true },
        { "upgrade 500", true },
        { "upgrade 502", true },
        { "upgrade 408", true },
        { "upgrade 402", false },
        { "upgrade 404", false },
        { "upgrade 429", false },
        { "handshake stall", true },
        { "handshake reset", true },
        { "handshake text", false },
        { "error 14", true },
        { "error 5", true },
        { "error 3", false },
        { "error 16", false },
        { "error 4001", false },
        { "error 4002", false },
        { "error 4003", false },
        { "close 4503", true },
        { "close 4500", true },
        { "close 1011", true },
        { "close 4001", false },
        { "close 4002", false },
        { "close 4003", false },
        { "close 4020", false },
    };

    /// <summary>Each stable code without more known about the failure.</summary>
    public static TheoryData<Code, bool> Codes => new()
    {
        { Code.Unknown, true },
        { Code.SessionTokenExpired, false },
        { Code.SessionTokenInvalid, false },
        { Code.AppIdUnrecognized, false },
        { Code.AppIdMismatch, false },
        { Code.AvatarNotFound, false },
        { Code.BillingRequired, false },
        { Code.CreditsExhausted, false },
        { Code.SessionDurationExceeded, false },
        { Code.ConcurrencyLimit, false },
        { Code.UnsupportedSampleRate, false },
        { Code.InvalidEgressConfig, false },
        { Code.EgressUnavailable, true },
        { Code.IdleTimeout, false },
        { Code.UpstreamError, true },
        { Code.InvalidRequest, false },
        { Code.ConnectionFailed, true },
        { Code.ConnectionClosed, true },
        { Code.ProtocolError, false },
        { Code.ServerError, true },
        { Code.ReaderTooSlow, false },
        { Code.MotionTimeout, true },
    };

    [Theory]
    [MemberData(nameof(Codes))]
    public void IsRegional_Code_IsAsTheTableSays(Code code, bool expected) =>
        Assert.Equal(expected, RegionRoute.IsRegional(new MotionServerException(code, MotionServerPhase.WebSocketConnect, "x")));

    [Fact]
    public void IsRegional_Codes_AreAllInTheTable() =>
        Assert.Equal(Enum.GetValues<Code>().Order(), Codes.Select(row => (Code)row[0]).Order());

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task ConnectAsync_FirstRegionFails_GoesOnWhereThatHelps(string kind, bool goesOn)
    {
        await using ScriptedRegions regions = await ScriptedRegions.StartAsync(Main, Second);
        await regions[Main].BreakAsync(kind);
        bool isSlow = kind.EndsWith("stall", StringComparison.Ordinal);
        await using MotionServerClient client = regions.Client(options => options.StepTimeout = TimeSpan.FromSeconds(isSlow ? 1 : 10));

        if (goesOn)
        {
            await using IMotionConnection connection = await client.ConnectAsync("avatar", Format).DefaultTimeout();
            Assert.Equal(Second, connection.Region);
        }
        else
        {
            MotionServerException failure = await client.ConnectAsync("avatar", Format).Failure();
            Assert.Equal(Main, failure.Region);
            Assert.Empty(failure.RegionFailures);
            Assert.DoesNotContain(regions.Upgrades, upgrade => upgrade.EndsWith(Second, StringComparison.Ordinal));
        }
    }
}
