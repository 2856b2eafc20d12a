namespace MotionGateway.Sessions;

/// <summary>When the Motion Server counts as out of reach, so that new sessions are refused at once.</summary>
public sealed class MotionServerOutageOptions
{
    /// <summary>Connections in a row that cannot be made before it does. Default 5.</summary>
    public int Failures { get; set; } = 5;

    /// <summary>Within how long they must fail. Default 30 s.</summary>
    public TimeSpan Window { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long after the latest failure new sessions are refused; then one of them is let through, to try. Default 5 s.</summary>
    public TimeSpan Pause { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Names everything that is wrong, one sentence a problem, each beginning with the property's name.</summary>
    public IReadOnlyList<string> Validate()
    {
        var problems = new List<string>();
        if (Failures < 1)
        {
            problems.Add($"{nameof(Failures)} must be at least 1.");
        }

        Require(Window, nameof(Window));
        Require(Pause, nameof(Pause));
        return problems;

        void Require(TimeSpan time, string name)
        {
            if (time <= TimeSpan.Zero || time > TimeSpan.FromHours(1))
            {
                problems.Add($"{name} must be more than 0 and at most 1 hour.");
            }
        }
    }
}
