namespace MotionGateway.Cli.Demo.Agent;

/// <summary>What an agent does in the session that it answers in.</summary>
internal interface IAnsweringSession
{
    /// <summary>Hertz of what is said.</summary>
    int SampleRate { get; }

    /// <summary>Stops all that is said, and begins to say something as a turn of its own.</summary>
    /// <param name="samples">Mono signed 16-bit little-endian samples at the session's rate.</param>
    /// <param name="cancellationToken">Gives up, until it has begun.</param>
    /// <returns>The turn's id.</returns>
    Task<string> SayInsteadAsync(ReadOnlyMemory<byte> samples, CancellationToken cancellationToken);

    /// <summary>Sends a message to all viewers.</summary>
    /// <param name="kind">What kind of message; at most 64 bytes.</param>
    /// <param name="text">The content; at most 16384 bytes.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task TellViewersAsync(string kind, string text, CancellationToken cancellationToken);
}
