namespace Grpc.Core;

/// <summary>A stream of received messages.</summary>
/// <typeparam name="T">The message.</typeparam>
public interface IAsyncStreamReader<out T>
{
    /// <summary>The message that the last <see cref="MoveNext"/> read.</summary>
    T Current { get; }

    /// <summary>Reads the next message; one read at a time.</summary>
    /// <param name="cancellationToken">Ends the wait. On a client it cancels the whole call.</param>
    /// <returns>Whether there was a message; false at the end of the stream.</returns>
    Task<bool> MoveNext(CancellationToken cancellationToken);
}
