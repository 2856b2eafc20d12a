namespace MotionGateway.Cli.Checking;

/// <summary>A check has found what is wrong.</summary>
/// <param name="cause">What, in one sentence.</param>
/// <param name="remedy">What helps, in one sentence.</param>
internal sealed class CheckFailedException(string cause, string remedy) : Exception(cause)
{
    /// <summary>What helps.</summary>
    public string Remedy { get; } = remedy;
}
