using MotionGateway.Cli.Speaking;

namespace MotionGateway.Cli.Tests.Speaking;

public sealed class SpeechCreditTests
{
    private readonly SpeechCredit _credit = new();

    [Fact]
    public async Task TakeAsync_BeyondTheGrant_WaitsForAnAcknowledgement()
    {
        _credit.Grant(100);
        await _credit.TakeAsync("a", 100, CancellationToken.None);

        var next = _credit.TakeAsync("a", 40, CancellationToken.None);
        Assert.False(next.IsCompleted);
        _credit.Acknowledge("a", 39);
        Assert.False(next.IsCompleted);
        _credit.Acknowledge("a", 40);

        await next.WaitAsync(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task Acknowledge_SameBytesTwice_CountOnce()
    {
        _credit.Grant(100);
        await _credit.TakeAsync("a", 100, CancellationToken.None);
        _credit.Acknowledge("a", 50);
        _credit.Acknowledge("a", 50);
        await _credit.TakeAsync("b", 50, CancellationToken.None);

        Assert.False(_credit.TakeAsync("b", 1, CancellationToken.None).IsCompleted);
    }
}
