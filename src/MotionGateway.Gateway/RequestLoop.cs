using Grpc.Core;
using MotionGateway.Feeds;

namespace MotionGateway.Gateway;

/// <summary>
/// The one reader of a stream. It always reads, so that nothing waits behind anything. What goes wrong here ends the
/// stream's response loop, which the call awaits.
/// </summary>
internal sealed class RequestLoop<TRequest>(
    IAsyncStreamReader<TRequest> requests, ResponseLoop responses, PeerWatch peer, TimeSpan openTimeout)
    where TRequest : class
{
    /// <summary>Whether a request is a heartbeat.</summary>
    public required Func<TRequest, bool> IsHeartbeat { get; init; }

    /// <summary>Does what a request asks; refuses by a <see cref="GatewayException"/>.</summary>
    public required Action<TRequest> Handle { get; init; }

    /// <summary>The peer has sent all that it will.</summary>
    public Action Completed { get; init; } = static () => { };

    /// <summary>Reads the first request; null when none comes in time.</summary>
    public async Task<TRequest?> ReadFirstAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(openTimeout);
        try
        {
            return await requests.MoveNext(limit.Token) ? requests.Current : null;
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            return limit.IsCancellationRequested ? null : throw GatewayErrors.FromRead(failure);
        }
    }

    /// <summary>Reads until the peer has sent all, or the call is over. Never throws.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var watch = peer.Start(responses);
            while (await requests.MoveNext(cancellationToken))
            {
                peer.Heard(IsHeartbeat(requests.Current));
                Handle(requests.Current);
            }

            peer.Stop();
            Completed();
        }
        catch (GatewayException fault)
        {
            responses.Fail(fault);
        }
        catch (Exception fault) when (cancellationToken.IsCancellationRequested
            || fault is OperationCanceledException or IOException)
        {
            // The peer is gone, or the call is over: the response loop knows.
        }
        catch (Exception fault)
        {
            responses.Fail(GatewayErrors.FromRead(fault));
        }
    }
}
