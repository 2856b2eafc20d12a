using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Egress;

/// <summary>Keeps the books of one connection with egress. Written by the connection, read by anyone.</summary>
internal sealed class EgressLedger(string connectionId, string avatarId, EgressTarget target, TimeProvider timeProvider)
{
    private const int MaxRequests = 256;

    private readonly Lock _gate = new();
    private readonly List<EgressRequest> _requests = [];
    private readonly DateTimeOffset _openedAt = timeProvider.GetUtcNow();
    private DateTimeOffset? _closedAt;

    public void Begin(string requestId)
    {
        lock (_gate)
        {
            if (_requests.Count == MaxRequests)
            {
                _requests.RemoveAt(0);
            }

            _requests.Add(new EgressRequest(requestId, 0, TimeSpan.Zero, false, 0, 0, PlaybackState.Playing, TimeSpan.Zero, ""));
        }
    }

    public void Audio(string requestId, int bytes, TimeSpan total, bool end) => Update(requestId, request => request with
    {
        AudioBytes = request.AudioBytes + bytes,
        AudioDuration = total,
        AudioEnded = request.AudioEnded || end,
    });

    public void Motion(string requestId, int keyframes) => Update(requestId, request => request with
    {
        MotionMessages = request.MotionMessages + 1,
        Keyframes = request.Keyframes + keyframes,
    });

    public void State(string requestId, PlaybackState state, TimeSpan played, string reason) =>
        Update(requestId, request => request with { State = state, Played = played, Reason = reason });

    public void Close()
    {
        lock (_gate)
        {
            _closedAt ??= timeProvider.GetUtcNow();
        }
    }

    public EgressConnection Read()
    {
        lock (_gate)
        {
            return new EgressConnection(connectionId, avatarId, target, _openedAt, _closedAt, [.. _requests]);
        }
    }

    // An id may come again after its end: the latest is meant.
    private void Update(string requestId, Func<EgressRequest, EgressRequest> change)
    {
        lock (_gate)
        {
            int index = _requests.FindLastIndex(request => request.RequestId == requestId);
            if (index >= 0)
            {
                _requests[index] = change(_requests[index]);
            }
        }
    }
}
