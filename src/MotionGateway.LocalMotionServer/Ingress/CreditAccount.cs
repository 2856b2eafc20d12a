namespace MotionGateway.LocalMotion.Ingress;

/// <summary>The account that all connections of a server draw on: one credit for each 6 s of a connection that have begun.</summary>
internal sealed class CreditAccount(int? credits)
{
    // What the service wants to see before it opens a connection.
    private const int LeastToOpen = 10;

    private long _left = credits ?? long.MaxValue;

    /// <summary>What one credit pays for; without an account all time is paid for at once.</summary>
    public TimeSpan Period { get; } = credits is null ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(6);

    public bool AllowOpening => Interlocked.Read(ref _left) >= LeastToOpen;

    /// <summary>Pays for a period that begins now; false when nothing is left.</summary>
    public bool TrySpend()
    {
        if (Interlocked.Decrement(ref _left) >= 0)
        {
            return true;
        }

        Interlocked.Increment(ref _left);
        return false;
    }
}
