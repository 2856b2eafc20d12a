namespace MotionGateway.Cli.Configuration;

/// <summary>A service's settings as they are in force, and all that is wrong with them.</summary>
/// <param name="Section">The service's section.</param>
/// <param name="Options">The settings.</param>
/// <param name="Settings">Where they come from.</param>
/// <param name="Problems">What is wrong, one sentence each, with the path of the setting.</param>
internal sealed record ServiceReading(string Section, object Options, Settings Settings, IReadOnlyList<string> Problems)
{
    /// <summary>No credentials are configured: the gateway was pointed at the local Motion Server.</summary>
    public bool IsLocal { get; init; }
}
