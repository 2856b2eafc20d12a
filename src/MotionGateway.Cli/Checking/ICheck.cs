namespace MotionGateway.Cli.Checking;

/// <summary>One thing that is checked of a deployment.</summary>
internal interface ICheck
{
    /// <summary>Its name.</summary>
    string Name { get; }

    /// <summary>Names of the checks that it builds on: it is skipped when one of them has failed.</summary>
    IReadOnlyList<string> Needs { get; }

    /// <summary>How long it may take.</summary>
    TimeSpan Limit => TimeSpan.FromSeconds(10);

    /// <summary>What helps when there is no answer in that time.</summary>
    string WhenSilent => "See whether it is overloaded or a firewall drops what is sent to it; --timeout gives more time.";

    /// <summary>Checks it.</summary>
    /// <exception cref="CheckFailedException">Something is wrong.</exception>
    Task<CheckFinding> RunAsync(CancellationToken cancellationToken);
}
