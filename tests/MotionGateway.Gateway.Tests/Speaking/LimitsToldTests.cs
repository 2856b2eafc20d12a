using System.Globalization;
using MotionGateway.V1;

namespace MotionGateway.Gateway.Tests;

/// <summary>Every bound that a caller can meet is told in <c>opened</c>.</summary>
public sealed class LimitsToldTests
{
    [Fact]
    public async Task Opened_DefaultOptions_LeaveNoLimitUntold()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        using var speaker = await Speaker.OpenAsync(gateway.Speech);

        Assert.All(Limits.Descriptor.Fields.InFieldNumberOrder(), field => Assert.True(
            Convert.ToInt64(field.Accessor.GetValue(speaker.Opened.Limits), CultureInfo.InvariantCulture) > 0, field.Name));
        Assert.Equal(120 * 16000 * 2, speaker.Opened.Limits.AudioCreditBytes);
        Assert.Equal(10_000, speaker.Opened.Limits.MaxLeadMs);
    }

    [Fact]
    public async Task Opened_OwnOptions_AreToldAsTheyAre()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(options =>
        {
            options.HeartbeatInterval = TimeSpan.FromSeconds(16);
            options.HeartbeatTimeout = TimeSpan.FromSeconds(47);
            options.WriteTimeout = TimeSpan.FromSeconds(23);
            options.OpenTimeout = TimeSpan.FromSeconds(26);
            options.RequestTimeout = TimeSpan.FromSeconds(28);
            options.MotionServer.MotionTimeout = TimeSpan.FromSeconds(22);
            options.Limits = OwnLimits();
        });
        using var speaker = await Speaker.OpenAsync(gateway.Speech, open => open.AudioFormat.SampleRate = 48000);

        Assert.Equal(Expected(), speaker.Opened.Limits);
    }

    [Fact]
    public async Task Opened_IdleTimeoutOfZero_MeansNever()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(
            options => options.Limits = options.Limits with { IdleTimeout = TimeSpan.Zero });
        using var speaker = await Speaker.OpenAsync(gateway.Speech);

        Assert.Equal(0, speaker.Opened.Limits.IdleTimeoutMs);
    }

    private static Sessions.SessionLimits OwnLimits() => new()
    {
        AudioCreditBytes = 200_000,
        MaxChunkBytes = 10_000,
        MaxTurn = TimeSpan.FromSeconds(11),
        ResumeWindow = TimeSpan.FromSeconds(12),
        IdleTimeout = TimeSpan.FromMinutes(13),
        ReaderWindowBytes = 15_000,
        MaxWaitingTurns = 17,
        MaxLead = TimeSpan.FromSeconds(18),
        MaxMotionWait = TimeSpan.FromSeconds(19),
        OpenTurnTimeout = TimeSpan.FromSeconds(20),
        PauseLimit = TimeSpan.FromSeconds(21),
        MaxViewerLag = TimeSpan.FromSeconds(24),
        PlaybackSignalTimeout = TimeSpan.FromSeconds(29),
        ClosedRetention = TimeSpan.FromSeconds(25),
        Log = new() { MaxBytes = 3_000_000, Retention = TimeSpan.FromSeconds(27), MaxReaders = 14 },
    };

    private static Limits Expected() => new()
    {
        AudioCreditBytes = 200_000,
        MaxChunkBytes = 10_000,
        MaxTurnMs = 11_000,
        LogBytes = 3_000_000,
        LogMs = 27_000,
        ResumeWindowMs = 12_000,
        IdleTimeoutMs = 780_000,
        MaxReaders = 14,
        ReaderWindowBytes = 15_000,
        HeartbeatIntervalMs = 16_000,
        MaxWaitingTurns = 17,
        MaxLeadMs = 18_000,
        MaxMotionWaitMs = 19_000,
        OpenTurnTimeoutMs = 20_000,
        PauseLimitMs = 21_000,
        MotionTimeoutMs = 22_000,
        HeartbeatTimeoutMs = 47_000,
        WriteTimeoutMs = 23_000,
        MaxViewerLagMs = 24_000,
        ClosedLogMs = 25_000,
        MaxTextBytes = 16_384,
        MaxKindBytes = 64,
        MaxReasonBytes = 128,
        MaxNameBytes = 64,
        MaxMicrophoneBytes = 65_536,
        MaxPayloadSamples = 8192,
        MaxViewerEvents = 256,
        MaxVoidTurns = 256,
        OpenTimeoutMs = 26_000,
        RequestTimeoutMs = 28_000,
        PlaybackSignalTimeoutMs = 29_000,
    };
}
