namespace MotionGateway.MotionServer;

/// <summary>One series of attempts under a <see cref="ReconnectPolicy"/>. For one caller at a time.</summary>
public sealed class ReconnectSchedule
{
    private readonly ReconnectPolicy _policy;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private long? _firstFailureAt;
    private bool _isFreshTokenUsed;

    internal ReconnectSchedule(ReconnectPolicy policy, TimeProvider time, Random random) => (_policy, _time, _random) = (policy, time, random);

    /// <summary>Attempts that it has allowed.</summary>
    public int Attempts { get; private set; }

    /// <summary>Whether to connect again after a failure.</summary>
    /// <param name="failure">What ended the connection or the attempt.</param>
    /// <param name="delay">How long to wait first.</param>
    /// <returns>False when connecting again cannot help, or attempts or budget are used up.</returns>
    public bool TryNext(MotionServerException failure, out TimeSpan delay)
    {
        ArgumentNullException.ThrowIfNull(failure);
        delay = default;
        if (failure.Retry == MotionServerRetry.Never || Attempts >= _policy.MaxAttempts || (failure.Retry == MotionServerRetry.FreshToken && _isFreshTokenUsed))
        {
            return false;
        }

        _firstFailureAt ??= _time.GetTimestamp();
        TimeSpan left = _policy.Budget - _time.GetElapsedTime(_firstFailureAt.Value);
        TimeSpan least = failure.RetryAfter ?? TimeSpan.Zero;
        TimeSpan planned = DelayOf(failure.Retry);
        // Before anything is added to it: a pause that is asked for can be as long as a TimeSpan.
        if (least > left || planned > left)
        {
            return false;
        }

        delay = planned >= least ? planned : Spread(least, left);

        _isFreshTokenUsed |= failure.Retry == MotionServerRetry.FreshToken;
        Attempts++;
        return true;
    }

    /// <summary>Begins anew, after a connection that has proved itself.</summary>
    public void Reset() => (Attempts, _firstFailureAt, _isFreshTokenUsed) = (0, null, false);

    private TimeSpan DelayOf(MotionServerRetry retry) => retry switch
    {
        MotionServerRetry.FreshToken => TimeSpan.Zero,
        MotionServerRetry.Immediate when Attempts == 0 => TimeSpan.Zero,
        MotionServerRetry.Delayed => Grown(ReconnectPolicy.LongFirstDelay),
        _ => Grown(_policy.FirstDelay),
    };

    // What many clients are told at the same time, they must not come back at together; and none before it is over.
    private TimeSpan Spread(TimeSpan least, TimeSpan left)
    {
        TimeSpan spread = least + (least * (_policy.Jitter * _random.NextDouble()));
        return spread < left ? spread : left;
    }

    private TimeSpan Grown(TimeSpan first)
    {
        double grown = Math.Min(first.TotalMilliseconds * Math.Pow(_policy.Multiplier, Attempts), _policy.MaxDelay.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(grown * (1 - (_policy.Jitter * _random.NextDouble())));
    }
}
