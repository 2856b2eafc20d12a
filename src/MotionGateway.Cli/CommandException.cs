namespace MotionGateway.Cli;

/// <summary>Ends a command with a message that says what is wrong and what helps.</summary>
internal class CommandException(string message, int exitCode = ExitCode.Failure) : Exception(message)
{
    /// <summary>What the process answers.</summary>
    public int ExitCode { get; } = exitCode;

    /// <summary>What programs tell it by, such as <c>SESSION_NOT_FOUND</c>; null when there is only the text.</summary>
    public string? Reason { get; init; }
}
