namespace MotionGateway.Cli;

/// <summary>Ends a command with a message that says what is wrong and what helps.</summary>
internal class CommandException(string message, int exitCode = ExitCode.Failure) : Exception(message)
{
    /// <summary>What the process answers.</summary>
    public int ExitCode { get; } = exitCode;
}
