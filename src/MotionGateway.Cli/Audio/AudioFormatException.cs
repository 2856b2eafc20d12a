namespace MotionGateway.Cli.Audio;

/// <summary>A file or pipe does not hold speech that can be sent.</summary>
internal sealed class AudioFormatException(string message) : CommandException(message);
