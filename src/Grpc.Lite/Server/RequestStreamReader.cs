using Grpc.Core;

namespace Grpc.AspNetCore.Server;

/// <summary>The stream of requests that a server method reads.</summary>
internal sealed class RequestStreamReader<T>(HttpContextServerCallContext call, RequestMessageReader<T> messages) : IAsyncStreamReader<T>
    where T : class
{
    private static readonly Task<bool> True = Task.FromResult(true);
    private static readonly Task<bool> False = Task.FromResult(false);

    public T Current { get; private set; } = null!;

    public Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<bool>(cancellationToken);
        }

        if (call.HasEnded)
        {
            return Task.FromException<bool>(new InvalidOperationException("Can't read messages after the request is complete."));
        }

        Current = null!;
        try
        {
            return messages.TryRead(out var message) ? SetCurrent(message) ? True : False : WaitAsync(cancellationToken);
        }
        catch (Exception exception)
        {
            return Task.FromException<bool>(exception);
        }
    }

    private async Task<bool> WaitAsync(CancellationToken cancellationToken) => SetCurrent(await messages.ReadAsync(cancellationToken));

    private bool SetCurrent(T? message)
    {
        Current = message!;
        return message is not null;
    }
}
