using Grpc.Core;

namespace MotionGateway.Gateway;

/// <summary>Tells what goes wrong in reading from what goes wrong in handling what was read.</summary>
internal sealed class RequestReader<T>(IAsyncStreamReader<T> requests) : IAsyncStreamReader<T>
{
    public T Current => requests.Current;

    public Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        var reading = requests.MoveNext(cancellationToken);
        return reading.IsCompletedSuccessfully ? reading : TellAsync(reading);
    }

    /// <exception cref="RequestFault">It could not be read.</exception>
    private static async Task<bool> TellAsync(Task<bool> reading)
    {
        try
        {
            return await reading;
        }
        catch (Exception cause) when (cause is not OperationCanceledException)
        {
            throw new RequestFault(cause);
        }
    }
}
