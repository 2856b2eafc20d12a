using Grpc.Core;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.Gateway.Tests;

/// <summary>What a session may be opened with.</summary>
public sealed class OpenLimitsTests : IClassFixture<OpenLimitsTests.Fixture>
{
    private static readonly Dictionary<string, Action<OpenSession>> Taken = new()
    {
        ["avatar of 128 bytes"] = open => open.AvatarId = new('ä', 64),
        ["shortest lead"] = open => open.Delivery = new Delivery { MaxLeadMs = 20 },
        ["longest lead"] = open => open.Delivery = new Delivery { MaxLeadMs = 10_000 },
        ["shortest wait"] = open => open.Delivery = new Delivery { MaxMotionWaitMs = 1 },
        ["longest wait"] = open => open.Delivery = new Delivery { MaxMotionWaitMs = 10_000 },
        ["16 labels of 64 and 256 bytes"] = open => AddLabels(open, 16, 64, 256),
        ["the gateway's own app"] = open => open.App = "default",
        ["the gateway's own app in other letters"] = open => open.App = "Default",
    };

    private static readonly Dictionary<string, (Action<OpenSession> Configure, string Field)> Refused = new()
    {
        ["avatar of 130 bytes"] = (open => open.AvatarId = new('ä', 65), "open.avatar_id"),
        ["no avatar"] = (open => open.AvatarId = "", "open.avatar_id"),
        ["lead below the least"] = (open => open.Delivery = new Delivery { MaxLeadMs = 19 }, "open.delivery.max_lead_ms"),
        ["lead beyond the most"] = (open => open.Delivery = new Delivery { MaxLeadMs = 10_001 }, "open.delivery.max_lead_ms"),
        ["negative lead"] = (open => open.Delivery = new Delivery { MaxLeadMs = -1 }, "open.delivery.max_lead_ms"),
        ["wait beyond the most"] = (open => open.Delivery = new Delivery { MaxMotionWaitMs = 10_001 }, "open.delivery.max_motion_wait_ms"),
        ["negative wait"] = (open => open.Delivery = new Delivery { MaxMotionWaitMs = -1 }, "open.delivery.max_motion_wait_ms"),
        ["unknown audio release"] = (open => open.Delivery = new Delivery { AudioRelease = (AudioRelease)99 }, "open.delivery.audio_release"),
        ["unknown turn release"] = (open => open.Delivery = new Delivery { TurnRelease = (TurnRelease)99 }, "open.delivery.turn_release"),
        ["unknown credit policy"] = (open => open.Delivery = new Delivery { CreditPolicy = (CreditPolicy)99 }, "open.delivery.credit_policy"),
        ["17 labels"] = (open => AddLabels(open, 17, 2, 1), "open.labels"),
        ["a label's key of 65 bytes"] = (open => AddLabels(open, 1, 65, 1), "open.labels"),
        ["a label's value of 257 bytes"] = (open => AddLabels(open, 1, 2, 257), "open.labels"),
        ["no audio format"] = (open => open.AudioFormat = null, "open.audio_format"),
    };

    private readonly GatewayUnderTest _gateway;

    public OpenLimitsTests(Fixture fixture) => _gateway = fixture.Gateway;

    public static TheoryData<string> TakenNames => [.. Taken.Keys];

    public static TheoryData<string> RefusedNames => [.. Refused.Keys];

    [Theory]
    [MemberData(nameof(TakenNames))]
    public async Task Open_WithinItsBounds_IsTaken(string name)
    {
        using var speaker = await Speaker.OpenAsync(_gateway.Speech, Taken[name]);

        Assert.NotEmpty(speaker.SessionId);
    }

    [Theory]
    [MemberData(nameof(RefusedNames))]
    public async Task Open_BeyondItsBounds_IsRefusedWithTheField(string name)
    {
        var (configure, field) = Refused[name];
        var fault = await Assert.ThrowsAsync<RpcException>(() => Speaker.OpenAsync(_gateway.Speech, configure));

        Assert.True(RpcErrors.TryRead(fault, out var failure), fault.ToString());
        Assert.Equal((StatusCode.InvalidArgument, ErrorReason.InvalidRequest, field), (fault.StatusCode, failure.Reason, failure.Field));
        Assert.StartsWith($"INVALID_REQUEST {field}: ", fault.Status.Detail, StringComparison.Ordinal);
        Assert.Null(failure.EffectiveRetryAfter);
    }

    [Fact]
    public async Task Open_WithoutDelivery_HasTheDefaultsThatAreTold()
    {
        using var speaker = await Speaker.OpenAsync(_gateway.Speech);

        var session = await _gateway.GetSessionAsync(speaker.SessionId);

        var expected = new Delivery
        {
            AudioRelease = AudioRelease.Paced,
            TurnRelease = TurnRelease.AfterPrevious,
            MaxLeadMs = 10_000,
            MaxMotionWaitMs = 1500,
            CreditPolicy = CreditPolicy.Wait,
            AudioEncoding = AudioEncoding.PcmS16Le,
            SampleRate = 16_000,
            MaxPayloadMs = 250,
            MaxUpstreamMs = 1000,
        };
        Assert.Equal(expected, session.Delivery);
        Assert.Equal(expected, speaker.Opened.Delivery);
        Assert.Equal(new AudioFormat { Encoding = AudioEncoding.PcmS16Le, SampleRate = 16_000, Channels = 1 }, speaker.Opened.AudioFormat);
    }

    [Fact]
    public async Task Open_WithADeliveryOfItsOwn_IsShownAsItIs()
    {
        var delivery = new Delivery
        {
            AudioRelease = AudioRelease.WithMotion,
            TurnRelease = TurnRelease.AtOnce,
            MaxLeadMs = 500,
            MaxMotionWaitMs = 4500,
            CreditPolicy = CreditPolicy.Refuse,
            AudioEncoding = AudioEncoding.OggOpus,
            SampleRate = 48_000,
            MaxPayloadMs = 40,
            MaxUpstreamMs = 100,
        };
        using var speaker = await Speaker.OpenAsync(_gateway.Speech, open => open.Delivery = delivery);

        Assert.Equal(delivery, (await _gateway.GetSessionAsync(speaker.SessionId)).Delivery);
    }

    [Fact]
    public async Task Opened_OfANewSession_TellsTokensPositionAndFeatures()
    {
        using var speaker = await Speaker.OpenAsync(_gateway.Speech);
        var opened = speaker.Opened;

        Assert.False(opened.Resumed);
        Assert.NotEmpty(opened.ResumeToken);
        Assert.DoesNotContain(opened.SessionId, opened.ResumeToken, StringComparison.Ordinal);
        Assert.Equal(new Position { Epoch = 1, Sequence = 0 }, opened.Position);
        Assert.Equal(DateTime.UtcNow.AddHours(1), opened.ViewerTokenExpireTime.ToDateTime(), TimeSpan.FromMinutes(5));
        Assert.Empty(opened.Turns);
        using var reader = await FeedReader.OpenAsync(_gateway.Feed, opened.SessionId, start => start.ViewerToken = opened.ViewerToken);
        Assert.Equal(opened.SessionId, reader.Started.SessionId);
    }

    private static void AddLabels(OpenSession open, int count, int keyBytes, int valueBytes)
    {
        for (int i = 0; i < count; i++)
        {
            open.Labels[$"{i:00}".PadRight(keyBytes, 'k')] = new string('v', valueBytes);
        }
    }

    public sealed class Fixture : IAsyncLifetime
    {
        public GatewayUnderTest Gateway { get; private set; } = null!;

        public async Task InitializeAsync() => Gateway = await GatewayUnderTest.StartAsync();

        public async Task DisposeAsync() => await Gateway.DisposeAsync();
    }
}
