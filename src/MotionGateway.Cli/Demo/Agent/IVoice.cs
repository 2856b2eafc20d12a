namespace MotionGateway.Cli.Demo.Agent;

/// <summary>Makes speech of text.</summary>
internal interface IVoice
{
    /// <summary>Speaks a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="sampleRate">Hertz of the samples.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Mono signed 16-bit little-endian samples.</returns>
    /// <exception cref="CommandException">It cannot.</exception>
    Task<ReadOnlyMemory<byte>> SpeakAsync(string text, int sampleRate, CancellationToken cancellationToken);
}
