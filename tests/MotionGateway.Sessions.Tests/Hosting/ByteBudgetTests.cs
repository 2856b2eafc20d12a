namespace MotionGateway.Sessions.Tests.Hosting;

public sealed class ByteBudgetTests
{
    private const long MiB = 1024 * 1024;

    [Theory]
    [InlineData(8 * MiB, true)]
    [InlineData((9 * MiB) - 1, true)]
    [InlineData(9 * MiB, true)]
    [InlineData((9 * MiB) + 1, false)]
    public void MayOpen_WithinAtBeyond(long held, bool mayOpen)
    {
        var budget = new ByteBudget(10 * MiB);
        budget.Add(held);

        Assert.Equal(mayOpen, budget.MayOpen);
    }

    [Fact]
    public void Limit_MemoryIsShort_CreditShrinksButNeverBelowTheLeast()
    {
        var budget = new ByteBudget(10 * MiB);
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

    [Fact]
    public void Limit_WithinAWhole_IsTheLessOfBoth()
    {
        long counted = 0;
        var whole = new ByteBudget(10 * MiB);
        var part = new ByteBudget(6 * MiB, bytes => counted += bytes, whole);
        whole.Add(2 * MiB);
        part.Add(4 * MiB);

        Assert.Equal(MiB / 4, part.Limit(MiB, least: 1000));
        whole.Add(3 * MiB);
        Assert.Equal(MiB / 8, part.Limit(MiB, least: 1000));
        Assert.Equal((4 * MiB, 4 * MiB, 9 * MiB), (counted, part.Held, whole.Held));
    }
}
