using Microsoft.Extensions.Time.Testing;
using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.Sessions.Tests.Apps;

public sealed class AppQuotaTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly ByteBudget _budget = new(long.MaxValue);
    private readonly AppQuota _quota;

    public AppQuotaTests() => _quota = new AppQuota(_budget, _time);

    [Fact]
    public void OpenSession_AsFastAsMayBe_IsTakenTwiceAtOnceAndAgainWithTime()
    {
        _quota.Apply(new AppLimits { OpensPerSecond = 3 });
        for (int i = 0; i < 6; i++)
        {
            _quota.OpenSession();
        }

        AssertRefused(_quota.OpenSession);
        _time.Advance(TimeSpan.FromSeconds(1));
        for (int i = 0; i < 3; i++)
        {
            _quota.OpenSession();
        }

        AssertRefused(_quota.OpenSession);
    }

    [Fact]
    public void OpenSession_MemoryIsUsedUp_IsRefusedUntilItIsFree()
    {
        _quota.Apply(new AppLimits { MaxTotalBytes = 4 * 1024 * 1024 });
        _quota.OpenSession();
        _budget.Add((3 * 1024 * 1024) + 1);

        AssertRefused(_quota.OpenSession);
        _budget.Add(-1);
        _quota.OpenSession();
    }

    [Fact]
    public void Apply_LowerLimits_LeaveWhatIsThereAndRefuseWhatComes()
    {
        _quota.OpenSession();
        _quota.OpenSession();
        using var reader = _quota.AddReader(takesAPlace: false);

        _quota.Apply(new AppLimits { MaxSessions = 2, MaxReaders = 1 });

        AssertRefused(_quota.OpenSession);
        AssertRefused(() => _quota.AddReader(takesAPlace: false));
        using var other = _quota.AddReader(takesAPlace: true);
        _quota.CloseSession();
        _quota.OpenSession();
        other.Dispose();
        other.Dispose();
        AssertRefused(() => _quota.AddReader(takesAPlace: false));
        reader.Dispose();
        _quota.AddReader(takesAPlace: false).Dispose();
    }

    [Fact]
    public void Apply_NoLimits_TakesAll()
    {
        _quota.Apply(new AppLimits { MaxSessions = 1, OpensPerSecond = 1 });
        _quota.Apply(new AppLimits());

        for (int i = 0; i < 100; i++)
        {
            _quota.OpenSession();
        }
    }

    private static void AssertRefused(Action attempt)
    {
        var refusal = Assert.Throws<GatewayException>(attempt);
        Assert.Equal(ErrorReason.AppLimit, refusal.Reason);
        Assert.True(refusal.RetryAfter > TimeSpan.Zero);
    }
}
