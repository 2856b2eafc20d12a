namespace MotionGateway.MotionServer;

/// <summary>How much of its life a session token must have left, by the wall clock, which is what it expires by.</summary>
internal sealed class TokenLife
{
    private readonly TimeProvider _time;
    private readonly TimeSpan _margin;
    private readonly TimeSpan _lead;

    public TokenLife(MotionServerOptions options, TimeProvider time)
    {
        _time = time;
        // Until the upgrade is over, which takes one step, with as much again for clocks that differ; never most of a short life.
        _margin = Smaller(options.StepTimeout * 2, options.TokenLifetime / 2);
        _lead = Smaller(options.StepTimeout, options.TokenLifetime / 4);
    }

    /// <summary>Whether the token can still open a connection.</summary>
    public bool IsUsable(SessionToken token) => Left(token) > _margin;

    /// <summary>How long until the token must be replaced so that a usable one is always there; zero when it is time.</summary>
    public TimeSpan UntilReplacement(SessionToken token)
    {
        TimeSpan left = Left(token) - _margin - _lead;
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private static TimeSpan Smaller(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private TimeSpan Left(SessionToken token) => token.ExpiresAt - _time.GetUtcNow();
}
