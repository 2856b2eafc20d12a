using Grpc.Core;
using MotionGateway.Feeds;

namespace MotionGateway.Gateway;

/// <summary>
/// The one reader of a stream. It reads as long as it may, so that nothing waits behind anything. What goes wrong here ends the
/// stream's response loop, which the call awaits; what goes wrong in reading is told from what goes wrong in handling what was read.
/// </summary>
internal sealed class RequestLoop<TRequest>(
    IAsyncStreamReader<TRequest> requests, ResponseLoop responses, PeerWatch peer, TimeSpan openTimeout, TimeProvider timeProvider)
    where TRequest : class
{
    /// <summary>Whether a request is a heartbeat.</summary>
    public required Func<TRequest, bool> IsHeartbeat { get; init; }

    /// <summary>Does what a request asks. One that holds memory gives it back after that.</summary>
    public required Action<TRequest> Handle { get; init; }

    /// <summary>Completes when the next request may be read.</summary>
    public Func<CancellationToken, ValueTask> MayRead { get; init; } = static _ => ValueTask.CompletedTask;

    /// <summary>The peer has sent all that it will.</summary>
    public Action Completed { get; init; } = static () => { };

    /// <summary>Requests read so far.</summary>
    public long Count { get; private set; }

    /// <summary>Reads the first request; null when none comes in time.</summary>
    /// <exception cref="RequestFault">It could not be read.</exception>
    public async Task<TRequest?> ReadFirstAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(openTimeout, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            Count++;
            return await requests.MoveNext(either.Token) ? requests.Current : null;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception cause) when (cause is not OperationCanceledException)
        {
            throw new RequestFault(cause);
        }
    }

    /// <summary>Reads until the peer has sent all, or the call is over. Never throws.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var watch = peer;
            watch.Start(responses);
            while (true)
            {
                try
                {
                    if (!await requests.MoveNext(cancellationToken))
                    {
                        break;
                    }
                }
                catch (Exception cause) when (cause is not OperationCanceledException)
                {
                    throw new RequestFault(cause);
                }

                Count++;
                peer.Heard(IsHeartbeat(requests.Current));
                using (WakeScope.Open())
                {
                    // What is answered is answered before anything that the request brought about is sent.
                    Handle(requests.Current);
                }

                (requests.Current as IDisposable)?.Dispose();

                var mayRead = MayRead(cancellationToken);
                if (!mayRead.IsCompletedSuccessfully)
                {
                    // What is not read cannot be heard: the peer is not watched meanwhile.
                    peer.Hold();
                    await mayRead;
                    peer.Release();
                }
            }

            peer.Stop();
            Completed();
        }
        catch (Exception fault) when (cancellationToken.IsCancellationRequested && fault is OperationCanceledException or RequestFault)
        {
            // The call is over: its response loop knows why.
        }
        catch (Exception fault)
        {
            responses.Fail(fault);
        }
    }
}
