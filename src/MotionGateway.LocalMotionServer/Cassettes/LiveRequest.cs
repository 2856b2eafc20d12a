namespace MotionGateway.LocalMotion.Cassettes;

/// <summary>A client's request and how much of its recording has been replayed. Not thread-safe.</summary>
internal sealed class LiveRequest(string id, RecordedRequest recorded, ProcessingPace pace, TimeProvider timeProvider)
{
    private readonly long _start = timeProvider.GetTimestamp();
    private readonly Dictionary<AnchorKind, List<long>> _controls = [];
    private long _bytes;
    private long? _end;
    private int _next;

    public string Id => id;

    public string RecordedId => recorded.Id;

    public bool HasEnded => _end is not null;

    public bool IsDone => _next >= recorded.Events.Count;

    public void Audio(int bytes, bool end)
    {
        _bytes += bytes;
        if (end)
        {
            _end ??= timeProvider.GetTimestamp();
        }
    }

    /// <summary>Takes an interrupt, pause or resume. After an interrupt comes what was recorded after it, and nothing else.</summary>
    public void Control(AnchorKind kind)
    {
        List<long> times = _controls.TryGetValue(kind, out List<long>? known) ? known : _controls[kind] = [];
        times.Add(timeProvider.GetTimestamp());
        if (kind == AnchorKind.Interrupt)
        {
            int after = recorded.Events.FindIndex(_next, next => next.Anchor == new Anchor(AnchorKind.Interrupt, times.Count));
            _next = after < 0 ? recorded.Events.Count : after;
        }
    }

    /// <summary>How long until the next event is due; null while the client has not said what comes before it.</summary>
    public TimeSpan? UntilNext()
    {
        RecordedEvent next = recorded.Events[_next];
        long? since = next.Anchor.Kind switch
        {
            AnchorKind.Audio => _bytes >= next.Anchor.Value || HasEnded ? _start : null,
            AnchorKind.End => _end,
            var kind => _controls.TryGetValue(kind, out List<long>? times) && times.Count >= next.Anchor.Value ? times[(int)next.Anchor.Value - 1] : null,
        };
        if (since is null)
        {
            return null;
        }

        TimeSpan left = pace == ProcessingPace.RealTime ? next.Delay - timeProvider.GetElapsedTime(since.Value) : TimeSpan.Zero;
        return TimeSpan.FromMilliseconds(Math.Max(0, Math.Ceiling(left.TotalMilliseconds)));
    }

    public RecordedEvent Take() => recorded.Events[_next++];
}
