using Microsoft.Extensions.Time.Testing;
using Code = MotionGateway.MotionServer.MotionServerErrorCode;

namespace MotionGateway.MotionServer.Tests.Reconnecting;

public sealed class ReconnectScheduleTests
{
    private static readonly ReconnectPolicy Exact = new() { Jitter = 0 };

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void TryNext_Backoff_GrowsToItsLimitAndEnds()
    {
        ReconnectSchedule schedule = (Exact with { MaxAttempts = 8, MaxDelay = TimeSpan.FromSeconds(3) }).Start(_time);

        Assert.Equal([200, 400, 800, 1600, 3000, 3000, 3000, 3000], Delays(schedule, MotionServerRetry.Backoff));
    }

    [Fact]
    public void TryNext_Delayed_BeginsWithALongerPause() =>
        Assert.Equal([5000, 10_000, 10_000], Delays(Exact.Start(_time), MotionServerRetry.Delayed).Take(3));

    [Theory]
    [InlineData(3, 0, 3000)]
    [InlineData(3, 5, 5000)]
    public void TryNext_DelayedWithAShortMaxDelay_CapsItButNotRetryAfter(int maxDelay, int retryAfter, int expected)
    {
        ReconnectSchedule schedule = (Exact with { MaxDelay = TimeSpan.FromSeconds(maxDelay) }).Start(_time);

        Assert.True(schedule.TryNext(Failure(MotionServerRetry.Delayed, TimeSpan.FromSeconds(retryAfter)), out TimeSpan delay));
        Assert.Equal(expected, delay.TotalMilliseconds);
    }

    [Fact]
    public void Validate_MaxDelay_IsAtLeastFirstDelay()
    {
        ReconnectPolicy policy = new() { FirstDelay = TimeSpan.FromSeconds(2) };

        Assert.Empty((policy with { MaxDelay = TimeSpan.FromSeconds(2) }).Validate());
        Assert.StartsWith("MaxDelay", Assert.Single((policy with { MaxDelay = TimeSpan.FromSeconds(1) }).Validate()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(4003, null)]
    [InlineData(null, 12)]
    public void TryNext_WhateverChanceSays_WaitsNoLessThanRetryAfter(int? closeCode, int? asked)
    {
        MotionServerException failure = closeCode is int code
            ? Failures.Closed(MotionServerPhase.WebSocketRuntime, code, null, null)
            : Failure(MotionServerRetry.Backoff, TimeSpan.FromSeconds(asked!.Value));
        TimeSpan least = TimeSpan.FromSeconds(asked ?? 5);
        TimeSpan[] delays = [.. Enumerable.Range(0, 200).Select(seed =>
        {
            Assert.True(new ReconnectPolicy().Start(_time, new Random(seed)).TryNext(failure, out TimeSpan delay));
            return delay;
        })];

        Assert.Equal(least, failure.RetryAfter);
        Assert.All(delays, delay => Assert.InRange(delay, least, least * 1.5));
        Assert.True(delays.Max() - delays.Min() > least * 0.25);
    }

    [Fact]
    public void TryNext_PauseThatFillsTheBudget_IsNotSpreadBeyondIt()
    {
        ReconnectSchedule schedule = new ReconnectPolicy { Budget = TimeSpan.FromSeconds(5) }.Start(_time, new Random(1));

        Assert.True(schedule.TryNext(Failure(MotionServerRetry.Delayed), out TimeSpan delay));
        Assert.Equal(TimeSpan.FromSeconds(5), delay);
    }

    [Fact]
    public void TryNext_PauseBeyondTheBudget_EndsIt() => Assert.False(
        (Exact with { Budget = TimeSpan.FromSeconds(4) }).Start(_time).TryNext(Failure(MotionServerRetry.Delayed), out _));

    [Fact]
    public void TryNext_Immediate_IsAtOnceTheFirstTimeOnly() =>
        Assert.Equal([0, 400, 800], Delays(Exact.Start(_time), MotionServerRetry.Immediate).Take(3));

    [Fact]
    public void TryNext_FreshToken_IsTriedOnce() => Assert.Equal([0], Delays(Exact.Start(_time), MotionServerRetry.FreshToken));

    [Fact]
    public void TryNext_Never_EndsIt() => Assert.Empty(Delays(Exact.Start(_time), MotionServerRetry.Never));

    [Fact]
    public void TryNext_BudgetUsedUp_EndsIt()
    {
        ReconnectSchedule schedule = (Exact with { MaxAttempts = 100, Budget = TimeSpan.FromSeconds(1) }).Start(_time);

        // 200, 400 and then 800, which would begin after 1400 ms.
        Assert.Equal([200, 400], Delays(schedule, MotionServerRetry.Backoff));
    }

    [Fact]
    public void TryNext_ServerAsksForAPause_KeepsIt()
    {
        ReconnectSchedule schedule = Exact.Start(_time);

        Assert.True(schedule.TryNext(Failure(MotionServerRetry.Backoff, TimeSpan.FromSeconds(12)), out TimeSpan delay));
        Assert.Equal(TimeSpan.FromSeconds(12), delay);
        Assert.False(schedule.TryNext(Failure(MotionServerRetry.Backoff, TimeSpan.FromMinutes(1)), out _));
    }

    [Fact]
    public void TryNext_ServerAsksForTooLong_EndsIt()
    {
        ReconnectSchedule schedule = (Exact with { Budget = TimeSpan.FromHours(24) }).Start(_time);

        Assert.True(schedule.TryNext(Failure(MotionServerRetry.Backoff), out _));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(schedule.TryNext(Failure(MotionServerRetry.Backoff, TimeSpan.FromHours(24)), out _));
        Assert.False(schedule.TryNext(Failure(MotionServerRetry.Backoff, TimeSpan.MaxValue), out _));
        Assert.True(schedule.TryNext(Failure(MotionServerRetry.Backoff, TimeSpan.FromHours(23)), out TimeSpan delay));
        Assert.Equal(TimeSpan.FromHours(23), delay);
    }

    [Fact]
    public void Validate_PausesBeyondWhatTimersTake_AreNamed()
    {
        TimeSpan tick = TimeSpan.FromTicks(1);
        ReconnectPolicy longest = new() { MaxDelay = TimeSpan.FromHours(1), Budget = TimeSpan.FromHours(24) };

        Assert.Empty(longest.Validate());
        Assert.StartsWith("MaxDelay", Assert.Single((longest with { MaxDelay = longest.MaxDelay + tick }).Validate()), StringComparison.Ordinal);
        Assert.StartsWith("Budget", Assert.Single((longest with { Budget = longest.Budget + tick }).Validate()), StringComparison.Ordinal);
    }

    [Fact]
    public void TryNext_Jitter_StaysWithinItsShare()
    {
        ReconnectPolicy policy = new() { Jitter = 0.5 };
        double[] delays = [.. Enumerable.Range(0, 200).Select(seed =>
        {
            Assert.True(policy.Start(_time, new Random(seed)).TryNext(Failure(MotionServerRetry.Backoff), out TimeSpan delay));
            return delay.TotalMilliseconds;
        })];

        Assert.All(delays, delay => Assert.InRange(delay, 100, 200));
        Assert.True(delays.Max() - delays.Min() > 50);
    }

    [Fact]
    public void Reset_BeginsAnew()
    {
        ReconnectSchedule schedule = (Exact with { MaxAttempts = 1 }).Start(_time);
        Assert.Single(Delays(schedule, MotionServerRetry.Backoff));

        schedule.Reset();

        Assert.Equal([200], Delays(schedule, MotionServerRetry.Backoff));
    }

    [Fact]
    public void Start_RulesBroken_NamesEveryOne()
    {
        ReconnectPolicy policy = new()
        {
            MaxAttempts = -1,
            Budget = TimeSpan.FromSeconds(-1),
            FirstDelay = TimeSpan.Zero,
            MaxDelay = TimeSpan.FromMilliseconds(-2),
            Multiplier = 0,
            Jitter = -1,
        };

        string message = Assert.Throws<InvalidOperationException>(() => policy.Start()).Message;

        Assert.All(
            ["MaxAttempts", "Budget", "FirstDelay", "MaxDelay", "Multiplier", "Jitter"],
            name => Assert.Contains(name, message, StringComparison.Ordinal));
    }

    private static MotionServerException Failure(MotionServerRetry retry, TimeSpan? retryAfter = null) =>
        new(CodeOf(retry), MotionServerPhase.WebSocketConnect, "failed") { RetryAfter = retryAfter };

    private static Code CodeOf(MotionServerRetry retry) => retry switch
    {
        MotionServerRetry.FreshToken => Code.SessionTokenExpired,
        MotionServerRetry.Immediate => Code.SessionDurationExceeded,
        MotionServerRetry.Backoff => Code.ConnectionFailed,
        MotionServerRetry.Delayed => Code.ConcurrencyLimit,
        _ => Code.AvatarNotFound,
    };

    private List<int> Delays(ReconnectSchedule schedule, MotionServerRetry retry)
    {
        List<int> delays = [];
        while (schedule.TryNext(Failure(retry), out TimeSpan delay))
        {
            delays.Add((int)delay.TotalMilliseconds);
            _time.Advance(delay);
        }

        return delays;
    }
}
