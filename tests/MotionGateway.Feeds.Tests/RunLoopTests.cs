using MotionGateway.Testing;

namespace MotionGateway.Feeds.Tests;

public sealed class RunLoopTests
{
    private readonly RunLoop _loop = new(100);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Set_OfAWaitingLoop_LetsItGoOnThere(bool isUrgent)
    {
        var signal = new AsyncSignal(_loop);
        var goesOn = GoOnAsync();
        Set(signal, isUrgent);

        Assert.Equal("run loop 100", await goesOn.DefaultTimeout());

        async Task<string?> GoOnAsync()
        {
            await signal.WaitAsync();
            return Thread.CurrentThread.Name;
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Set_OfManyWhileItRuns_LetsThemGoOnTogether(bool isUrgent)
    {
        using var runs = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        var first = new AsyncSignal(_loop);
        var holding = HoldAsync();
        first.Set();
        Assert.True(runs.Wait(TimeSpan.FromSeconds(30)));

        var signals = Enumerable.Range(0, 100).Select(_ => new AsyncSignal(_loop)).ToList();
        var batches = signals.ConvertAll(CountAsync);
        signals.ForEach(signal => Set(signal, isUrgent));
        goOn.Set();
        await holding.DefaultTimeout();

        Assert.Single((await Task.WhenAll(batches).DefaultTimeout()).Distinct());

        async Task HoldAsync()
        {
            await first.WaitAsync();
            runs.Set();
            goOn.Wait();
        }
    }

    [Fact]
    public async Task Set_OfOneThatWasWokenAndHasNotGoneOn_IsKept()
    {
        var signal = new AsyncSignal(_loop);
        var both = TwiceAsync();
        signal.SetSoon();
        signal.Set();

        await both.DefaultTimeout();

        async Task TwiceAsync()
        {
            await signal.WaitAsync();
            await signal.WaitAsync();
        }
    }

    // Whichever of both comes first, nothing that was woken stays.
    [Fact]
    public async Task Set_FromManyThreads_LosesNothing()
    {
        const int rounds = 2000;
        var signals = Enumerable.Range(0, 4).Select(_ => new AsyncSignal(_loop)).ToList();
        var answers = signals.ConvertAll(_ => new AsyncSignal());
        var loops = signals.Select((signal, i) => AnswerAsync(signal, answers[i])).ToList();
        await Task.WhenAll(signals.Select((signal, i) => Task.Run(async () =>
        {
            for (int n = 0; n < rounds; n++)
            {
                Set(signal, isUrgent: n % 3 != 0);
                await answers[i].WaitAsync();
            }
        }))).DefaultTimeout();
        await Task.WhenAll(loops).DefaultTimeout();

        static async Task AnswerAsync(AsyncSignal signal, AsyncSignal answer)
        {
            for (int n = 0; n < rounds; n++)
            {
                await signal.WaitAsync();
                answer.Set();
            }
        }
    }

    private async Task<long> CountAsync(AsyncSignal signal)
    {
        await signal.WaitAsync();
        return _loop.Batches;
    }

    private static void Set(AsyncSignal signal, bool isUrgent)
    {
        if (isUrgent)
        {
            signal.Set();
        }
        else
        {
            signal.SetSoon();
        }
    }
}
