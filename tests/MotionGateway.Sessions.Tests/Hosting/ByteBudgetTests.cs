namespace MotionGateway.Sessions.Tests.Hosting;

public sealed class ByteBudgetTests : IDisposable
{
    private const long MiB = 1024 * 1024;

    private readonly SessionMetrics _metrics = new(mostSessions: 1, 10 * MiB, TimeProvider.System);

    public void Dispose() => _metrics.Dispose();

    [Theory]
    [InlineData(8 * MiB, true)]
    [InlineData((9 * MiB) - 1, true)]
    [InlineData(9 * MiB, true)]
    [InlineData((9 * MiB) + 1, false)]
    public void MayOpen_WithinAtBeyond(long held, bool mayOpen)
    {
        var budget = new ByteBudget(10 * MiB, _metrics);
        budget.Add(held);

        Assert.Equal(mayOpen, budget.MayOpen);
    }

    [Fact]
    public void Limit_MemoryIsShort_CreditShrinksButNeverBelowTheLeast()
    {
        var budget = new ByteBudget(10 * MiB, _metrics);
        Assert.Equal(MiB, budget.Limit(MiB, least: 1000));
        budget.Add(6 * MiB);
        Assert.Equal(MiB / 2, budget.Limit(MiB, least: 1000));
        budget.Add(100 * MiB);
        Assert.Equal(1000, budget.Limit(MiB, least: 1000));
        Assert.Equal(500, budget.Limit(500, least: 1000));
        budget.Add(-106 * MiB);
        Assert.Equal(0, budget.Held);
        Assert.Equal(MiB, budget.Limit(MiB, least: 1000));
    }
}
