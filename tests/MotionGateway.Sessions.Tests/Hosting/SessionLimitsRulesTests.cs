using MotionGateway.Feeds;

namespace MotionGateway.Sessions.Tests.Hosting;

/// <summary>Bounds that do not fit, or that no timer can hold, are refused by name before anything is opened.</summary>
public sealed class SessionLimitsRulesTests
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(24);

    public static TheoryData<string, SessionLimits> Wrong => new()
    {
        { "MaxTurn", new() { MaxTurn = TimeSpan.Zero } },
        { "MaxTurn", new() { MaxTurn = Longest + TimeSpan.FromTicks(1) } },
        { "OpenTurnTimeout", new() { OpenTurnTimeout = TimeSpan.Zero } },
        { "OpenTurnTimeout", new() { OpenTurnTimeout = TimeSpan.FromDays(50) } },
        { "ResumeWindow", new() { ResumeWindow = TimeSpan.FromTicks(-1) } },
        { "ResumeWindow", new() { ResumeWindow = TimeSpan.FromDays(50) } },
        { "IdleTimeout", new() { IdleTimeout = TimeSpan.FromTicks(-1) } },
        { "IdleTimeout", new() { IdleTimeout = TimeSpan.FromDays(50) } },
        { "RecoveryGrace", new() { RecoveryGrace = TimeSpan.FromDays(50) } },
        { "ParkAfter", new() { ParkAfter = TimeSpan.FromDays(50) } },
        { "MaxLead", new() { MaxLead = TimeSpan.FromMilliseconds(19) } },
        { "MaxMotionWait", new() { MaxMotionWait = TimeSpan.Zero } },
        { "PauseLimit", new() { PauseLimit = TimeSpan.Zero } },
        { "PauseLimit", new() { PauseLimit = TimeSpan.FromDays(50) } },
        { "MaxViewerLag", new() { MaxViewerLag = TimeSpan.FromDays(50) } },
        { "ClosedRetention", new() { ClosedRetention = TimeSpan.FromDays(50) } },
        { "Log:Retention", new() { Log = new SessionLogOptions { Retention = TimeSpan.FromDays(50) } } },
        { "MaxChunkBytes", new() { MaxChunkBytes = 1 } },
        { "MaxChunkBytes", new() { MaxChunkBytes = (16 * 1024 * 1024) + 1 } },
        { "MaxWaitingTurns", new() { MaxWaitingTurns = 0 } },
        { "ReaderWindowBytes", new() { ReaderWindowBytes = 1023 } },
        { "KeyframeTolerance", new() { KeyframeTolerance = -1 } },
        { "MaxRecoveries", new() { MaxRecoveries = -1 } },
        { "Log:MaxReaders", new() { Log = new SessionLogOptions { MaxReaders = 0 } } },
        { "Log:MaxBytes", new() { Log = new SessionLogOptions { MaxBytes = 1000 } } },
        { "AudioCreditBytes", new() { AudioCreditBytes = 95_999 } },

        // Twenty seconds at 48 kHz, and their motion, are more than 2 MiB.
        { "Log:MaxBytes", new() { MaxLead = TimeSpan.FromSeconds(20), Log = new SessionLogOptions { MaxBytes = 2 * 1024 * 1024 } } },
    };

    [Fact]
    public void Validate_Defaults_AreRight() => Assert.Empty(new SessionLimits().Validate());

    [Fact]
    public void Validate_EachAtItsBound_IsRight() => Assert.Empty(new SessionLimits
    {
        MaxTurn = Longest,
        OpenTurnTimeout = Longest,
        ResumeWindow = Longest,
        IdleTimeout = TimeSpan.Zero,
        RecoveryGrace = TimeSpan.Zero,
        ParkAfter = Longest,
        MaxLead = TimeSpan.FromMilliseconds(20),
        MaxMotionWait = TimeSpan.FromTicks(1),
        PauseLimit = Longest,
        MaxViewerLag = TimeSpan.Zero,
        ClosedRetention = TimeSpan.Zero,
        MaxChunkBytes = 2,
        MaxWaitingTurns = 1,
        KeyframeTolerance = 0,
        MaxRecoveries = 0,
        AudioCreditBytes = 96_000,
        Log = new SessionLogOptions { MaxBytes = 1024 * 1024, MaxReaders = 1, Retention = TimeSpan.Zero },
    }.Validate());

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Validate_OneIsWrong_IsNamed(string name, SessionLimits limits) =>
        Assert.Contains(limits.Validate(), problem => problem.StartsWith(name, StringComparison.Ordinal));

    [Fact]
    public void Validate_SeveralAreWrong_AllAreTold() =>
        Assert.Equal(2, new SessionLimits { MaxTurn = TimeSpan.Zero, MaxRecoveries = -1 }.Validate().Count());

    [Theory]
    [InlineData("", 8000, 500, 500, "open.avatar_id")]
    [InlineData("ééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé", 8000, 500, 500, "open.avatar_id")]
    [InlineData("a", 7_999, 500, 500, "open.audio_format.sample_rate")]
    [InlineData("a", 11_025, 500, 500, "open.delivery.sample_rate")]
    [InlineData("a", 8000, 19, 500, "open.delivery.max_lead_ms")]
    [InlineData("a", 8000, 10_001, 500, "open.delivery.max_lead_ms")]
    [InlineData("a", 8000, 500, 0, "open.delivery.max_motion_wait_ms")]
    [InlineData("a", 8000, 500, 10_001, "open.delivery.max_motion_wait_ms")]
    [InlineData("éééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé", 48_000, 20, 1, null)]
    [InlineData("a", 44_100, 10_000, 10_000, null)]
    public void Settings_WithinAndBeyond_FieldIsNamed(string avatar, int rate, int lead, int wait, string? field)
    {
        var settings = new SessionSettings
        {
            AvatarId = avatar,
            SampleRate = rate,
            MaxLead = TimeSpan.FromMilliseconds(lead),
            MaxMotionWait = TimeSpan.FromMilliseconds(wait),
        };

        var failure = Record.Exception(() => SessionSettingsRules.Validate(settings, new SessionLimits()));
        Assert.Equal(field, (failure as GatewayException)?.Field);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(319, 1)]
    [InlineData(639, 1)]
    [InlineData(640, 2)]
    public void KeyframesDue_TheFractionIsDroppedButNeverAll(long samples, long due) =>
        Assert.Equal(due, CoreFixture.AtOnce.KeyframesDue(samples));
}
