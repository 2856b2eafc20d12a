using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Egress;

/// <summary>Keeps the books of one connection with egress, and its media. Written by the connection, read by anyone.</summary>
/// <param name="connectionId">The connection's id.</param>
/// <param name="avatarId">Its avatar.</param>
/// <param name="target">Where to.</param>
/// <param name="media">Where its media are kept, within the server's limits.</param>
/// <param name="isOggOpus">Whether the audio that is kept is Ogg Opus as it came, instead of PCM.</param>
/// <param name="sampleRate">Hertz.</param>
/// <param name="timeProvider">The server's clock.</param>
internal sealed class EgressLedger(
    string connectionId, string avatarId, EgressTarget target, EgressMediaStore media, bool isOggOpus, int sampleRate, TimeProvider timeProvider)
{
    private const int MaxRequests = 256;

    private readonly Lock _gate = new();
    private readonly List<Entry> _entries = [];
    private readonly DateTimeOffset _openedAt = timeProvider.GetUtcNow();
    private DateTimeOffset? _closedAt;
    private bool _isForgotten;

    public string ConnectionId => connectionId;

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

    public void Audio(string requestId, int bytes, TimeSpan total, bool end) => Update(requestId, request => request with
    {
        AudioBytes = request.AudioBytes + bytes,
        AudioDuration = total,
        AudioEnded = request.AudioEnded || end,
    });

    /// <summary>Keeps audio that was accepted. It is counted when the playback takes it.</summary>
    public void Keep(string requestId, ReadOnlySpan<byte> audio)
    {
        lock (_gate)
        {
            if (Latest(requestId, beforePlayback: true) is { } entry && Media(entry) is { } kept)
            {
                media.AddAudio(kept, audio);
            }
        }
    }

    /// <summary>Counts and keeps motion.</summary>
    public void Motion(string requestId, int keyframes, ReadOnlyMemory<byte> envelope)
    {
        lock (_gate)
        {
            if (Latest(requestId, beforePlayback: true) is not { } entry)
            {
                return;
            }

            entry.Request = entry.Request with { MotionMessages = entry.Request.MotionMessages + 1, Keyframes = entry.Request.Keyframes + keyframes };
            if (Media(entry) is { } kept)
            {
                media.AddMotion(kept, envelope);
            }
        }
    }

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
            return new EgressConnection(connectionId, avatarId, target, _openedAt, _closedAt, [.. _entries.Where(entry => entry.HasBegun).Select(Read)]);
        }
    }

    /// <summary>What is kept of a request; null when it has not begun or is not remembered.</summary>
    public EgressMedia? ReadMedia(string requestId)
    {
        lock (_gate)
        {
            return Latest(requestId, beforePlayback: false) is not { } entry ? null
                : entry.Media is { } kept ? media.Read(kept, isOggOpus, sampleRate)
                : new EgressMedia(isOggOpus, sampleRate, default, 0, [], 0);
        }
    }

    /// <summary>Keeps no media any more: the connection is not remembered.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            _isForgotten = true;
            _entries.ForEach(Drop);
        }
    }

    private EgressRequest Read(Entry entry)
    {
        (long audioBytes, int motionMessages) = entry.Media is { } kept ? media.LeftOut(kept) : default;
        return entry.Request with { AudioBytesLeftOut = audioBytes, MotionMessagesLeftOut = motionMessages };
    }

    private KeptMedia? Media(Entry entry) => _isForgotten ? null : entry.Media ??= media.Open();

    private void Drop(Entry entry)
    {
        if (entry.Media is { } kept)
        {
            media.Drop(kept);
        }
    }

    private Entry Add(string requestId)
    {
        if (_entries.Count == MaxRequests)
        {
            Drop(_entries[0]);
            _entries.RemoveAt(0);
        }

        var entry = new Entry(new EgressRequest(requestId, 0, TimeSpan.Zero, false, 0, 0, PlaybackState.Playing, TimeSpan.Zero, "", 0, 0));
        _entries.Add(entry);
        return entry;
    }

    // An id may come again after its end: the latest is meant.
    private Entry? Latest(string requestId, bool beforePlayback) =>
        _entries.FindLast(entry => entry.Request.RequestId == requestId && (entry.HasBegun || beforePlayback));

    private void Update(string requestId, Func<EgressRequest, EgressRequest> change)
    {
        lock (_gate)
        {
            if (Latest(requestId, beforePlayback: false) is { } entry)
            {
                entry.Request = change(entry.Request);
            }
        }
    }

    private sealed class Entry(EgressRequest request)
    {
        public EgressRequest Request { get; set; } = request;

        public bool HasBegun { get; set; }

        /// <summary>What is kept of it; null before there is anything.</summary>
        public KeptMedia? Media { get; set; }
    }
}
