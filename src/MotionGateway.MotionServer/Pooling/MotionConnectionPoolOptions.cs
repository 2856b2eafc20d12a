namespace MotionGateway.MotionServer;

/// <summary>How many connections a <see cref="MotionConnectionPool"/> keeps ready, and for how long.</summary>
public sealed class MotionConnectionPoolOptions
{
    /// <summary>Connections kept ready for one avatar, format and set of extra parameters. Default 1; 0 to 16. Each counts against the app's concurrency.</summary>
    public int Size { get; set; } = 1;

    /// <summary>
    /// How long a connection may wait to be used; an older one is closed and replaced. Default 2 minutes; 1 second to 1 hour. Choose less than the Motion Server's own
    /// limit for silence.
    /// </summary>
    public TimeSpan MaxAge { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How long an avatar and format may go unasked for until nothing is kept ready for it any more. Default 10 minutes; 1 second to 1 day.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How connections that cannot be opened ahead are tried again. When it gives up, the next use begins anew; see <see cref="ReconnectPolicy"/>.</summary>
    public ReconnectPolicy Reconnect { get; set; } = new() { MaxAttempts = 100, Budget = TimeSpan.FromMinutes(5) };

    /// <summary>Names everything that is wrong with these options, one sentence a problem, each beginning with the property's name.</summary>
    /// <returns>The problems; empty when the options can be used.</returns>
    public IReadOnlyList<string> Validate()
    {
        (bool Holds, string Problem)[] rules =
        [
            (Size is >= 0 and <= 16, $"{nameof(Size)} must be 0 to 16."),
            (MaxAge >= TimeSpan.FromSeconds(1) && MaxAge <= TimeSpan.FromHours(1), $"{nameof(MaxAge)} must be 1 second to 1 hour."),
            (IdleTimeout >= TimeSpan.FromSeconds(1) && IdleTimeout <= TimeSpan.FromDays(1), $"{nameof(IdleTimeout)} must be 1 second to 1 day."),
        ];
        return [.. rules.Where(rule => !rule.Holds).Select(rule => rule.Problem), .. Reconnect.Validate().Select(problem => $"{nameof(Reconnect)}.{problem}")];
    }

    internal MotionConnectionPoolOptions Copy() => (MotionConnectionPoolOptions)MemberwiseClone();
}
