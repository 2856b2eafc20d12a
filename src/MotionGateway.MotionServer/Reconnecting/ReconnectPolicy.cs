namespace MotionGateway.MotionServer;

/// <summary>How often, how fast and for how long to connect again, by the retry class of the failure.</summary>
/// <remarks>
/// <see cref="MotionServerRetry.Never"/> ends it; <see cref="MotionServerRetry.FreshToken"/> is tried once, at once; <see cref="MotionServerRetry.Immediate"/> at once
/// the first time and like backoff from then on; <see cref="MotionServerRetry.Backoff"/> with growing pauses from <see cref="FirstDelay"/>;
/// <see cref="MotionServerRetry.Delayed"/> with growing pauses from 5 seconds. No pause is shorter than
/// <see cref="MotionServerException.RetryAfter"/>, whether the server asks for that or it comes with the class; where the budget is too small for it, it is not tried
/// again. Which region is tried is the connector's affair, see <see cref="MotionServerClient"/>.
/// </remarks>
public sealed record ReconnectPolicy
{
    // Far beyond what anybody waits for, and far below what timers take.
    internal static readonly TimeSpan LongestDelay = TimeSpan.FromHours(1);
    internal static readonly TimeSpan LongestBudget = TimeSpan.FromHours(24);
    internal static readonly TimeSpan LongFirstDelay = TimeSpan.FromSeconds(5);

    /// <summary>Connects again never.</summary>
    public static ReconnectPolicy None { get; } = new() { MaxAttempts = 0 };

    /// <summary>Further attempts after the first. Default 5; 0 for none.</summary>
    public int MaxAttempts { get; init; } = 5;

    /// <summary>Time from the first failure within which the last attempt begins. Default 30 seconds; at most 24 hours.</summary>
    public TimeSpan Budget { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>First pause of the class <see cref="MotionServerRetry.Backoff"/>. Default 200 ms.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Longest pause, unless <see cref="MotionServerException.RetryAfter"/> is longer. Default 10 seconds; at most 1 hour.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How much longer each pause is than the one before. Default 2; at least 1.</summary>
    public double Multiplier { get; init; } = 2;

    /// <summary>
    /// Share of each pause that is left to chance, so that many clients do not come back at the same time: taken off it, or put on top of
    /// <see cref="MotionServerException.RetryAfter"/> where that is longer. Default 0.5; 0 to 1.
    /// </summary>
    public double Jitter { get; init; } = 0.5;

    /// <summary>Begins a series of attempts, which starts with the first failure that it is told.</summary>
    /// <param name="timeProvider">The clock of the budget; null is the system's.</param>
    /// <param name="random">The source of jitter; null is the shared one.</param>
    /// <exception cref="InvalidOperationException">The policy breaks a rule; the text names every one.</exception>
    public ReconnectSchedule Start(TimeProvider? timeProvider = null, Random? random = null)
    {
        IReadOnlyList<string> problems = Validate();
        return problems.Count == 0
            ? new ReconnectSchedule(this, timeProvider ?? TimeProvider.System, random ?? Random.Shared)
            : throw new InvalidOperationException(string.Join(' ', problems));
    }

    /// <summary>Names everything that is wrong with the policy, one sentence a problem, each beginning with the property's name.</summary>
    /// <returns>The problems; empty when it can be used.</returns>
    public IReadOnlyList<string> Validate()
    {
        (bool Holds, string Problem)[] rules =
        [
            (MaxAttempts >= 0, $"{nameof(MaxAttempts)} must not be negative."),
            (Budget >= TimeSpan.Zero && Budget <= LongestBudget, $"{nameof(Budget)} must be 0 to {LongestBudget.TotalHours} hours."),
            (FirstDelay > TimeSpan.Zero, $"{nameof(FirstDelay)} must be more than 0."),
            (MaxDelay >= FirstDelay && MaxDelay <= LongestDelay,
                $"{nameof(MaxDelay)} must be at least {nameof(FirstDelay)} and at most {LongestDelay.TotalHours} hour."),
            (Multiplier is >= 1 and <= 100, $"{nameof(Multiplier)} must be 1 to 100."),
            (Jitter is >= 0 and <= 1, $"{nameof(Jitter)} must be 0 to 1."),
        ];
        return [.. rules.Where(rule => !rule.Holds).Select(rule => rule.Problem)];
    }
}
