using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Egress;

/// <summary>Keeps the books of one connection with egress. Written by the connection, read by anyone.</summary>
internal sealed class EgressLedger(string connectionId, string avatarId, EgressTarget target, TimeProvider timeProvider)
{
    private const int MaxRequests = 256;

    private readonly Lock _gate = new();
    private readonly List<Entry> _entries = [];
    private readonly DateTimeOffset _openedAt = timeProvider.GetUtcNow();
    private DateTimeOffset? _closedAt;

    /// <summary>A request has been accepted: its motion may come before its playback begins, and counts.</summary>
    public void Expect(string requestId)
    {
        lock (_gate)
        {
            Add(requestId);
        }
    }

    /// <summary>The playback of the request that was accepted last under this id begins.</summary>
    public void Begin(string requestId)
    {
        lock (_gate)
        {
            Entry entry = _entries.FindLast(entry => entry.Request.RequestId == requestId && !entry.HasBegun) ?? Add(requestId);
            entry.HasBegun = true;
        }
    }

    public void Audio(string requestId, int bytes, TimeSpan total, bool end) => Update(requestId, beforePlayback: false, request => request with
    {
        AudioBytes = request.AudioBytes + bytes,
        AudioDuration = total,
        AudioEnded = request.AudioEnded || end,
    });

    public void Motion(string requestId, int keyframes) => Update(requestId, beforePlayback: true, request => request with
    {
        MotionMessages = request.MotionMessages + 1,
        Keyframes = request.Keyframes + keyframes,
    });

    public void State(string requestId, PlaybackState state, TimeSpan played, string reason) =>
        Update(requestId, beforePlayback: false, request => request with { State = state, Played = played, Reason = reason });

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
            return new EgressConnection(connectionId, avatarId, target, _openedAt, _closedAt, [.. _entries.Where(entry => entry.HasBegun).Select(entry => entry.Request)]);
        }
    }

    private Entry Add(string requestId)
    {
        if (_entries.Count == MaxRequests)
        {
            _entries.RemoveAt(0);
        }

        var entry = new Entry(new EgressRequest(requestId, 0, TimeSpan.Zero, false, 0, 0, PlaybackState.Playing, TimeSpan.Zero, ""));
        _entries.Add(entry);
        return entry;
    }

    // An id may come again after its end: the latest is meant.
    private void Update(string requestId, bool beforePlayback, Func<EgressRequest, EgressRequest> change)
    {
        lock (_gate)
        {
            Entry? entry = _entries.FindLast(entry => entry.Request.RequestId == requestId && (entry.HasBegun || beforePlayback));
            if (entry is not null)
            {
                entry.Request = change(entry.Request);
            }
        }
    }

    private sealed class Entry(EgressRequest request)
    {
        public EgressRequest Request { get; set; } = request;

        public bool HasBegun { get; set; }
    }
}
