namespace MotionGateway.Cli;

/// <summary>What the process answers its caller.</summary>
internal static class ExitCode
{
    /// <summary>All went well.</summary>
    public const int Ok = 0;

    /// <summary>What was asked could not be done.</summary>
    public const int Failure = 1;

    /// <summary>The command line or the configuration is wrong; nothing was done.</summary>
    public const int Usage = 2;

    /// <summary>Ended by Ctrl+C, as shells count it: 128 + SIGINT.</summary>
    public const int Interrupted = 130;

    /// <summary>Ended by SIGTERM, as shells count it: 128 + SIGTERM.</summary>
    public const int Terminated = 143;
}
