using MotionGateway.V1;

namespace MotionGateway.Feeds.Tests.Checker;

/// <summary>All that was ever appended to a log, or declared to it.</summary>
internal sealed class AppendedLog
{
    private readonly List<(byte[] Encoded, string TurnId, Payload? Payload, SkipReason Reason)> _entries = [];
    private readonly Dictionary<string, long> _started = [];
    private readonly HashSet<string> _interrupted = [];
    private readonly HashSet<string> _ended = [];

    public long Last => _entries.Count;

    public void Add(byte[] encoded)
    {
        var payload = SubscribeResponse.Parser.ParseFrom(encoded).Payload;
        _entries.Add((encoded, payload.TurnId, payload, default));
        if (payload.TurnStarted is not null)
        {
            _started[payload.TurnId] = payload.Sequence;
        }

        if (payload.TurnEnded is { } ended)
        {
            _ended.Add(payload.TurnId);
            if (ended.Outcome == TurnOutcome.Interrupted)
            {
                _interrupted.Add(payload.TurnId);
            }
        }
    }

    /// <summary>A sequence that the log will never have.</summary>
    public void AddMissing(SkipReason reason, string turnId = "") => _entries.Add(([], turnId, null, reason));

    /// <summary>The turn that a sequence belongs to; empty when to none, or when nobody knows.</summary>
    public string GetTurnId(long sequence) => _entries[(int)sequence - 1].TurnId;

    public byte[] GetEncoded(long sequence) => _entries[(int)sequence - 1].Encoded;

    /// <summary>The payload; null where the log was told that it will never have it.</summary>
    public Payload? GetPayload(long sequence) => _entries[(int)sequence - 1].Payload;

    /// <summary>Whether the log was told that it will never have the sequence, for this reason.</summary>
    public bool IsMissing(long sequence, SkipReason reason) => GetPayload(sequence) is null && _entries[(int)sequence - 1].Reason == reason;

    /// <summary>Whether it is media of a turn that was interrupted.</summary>
    public bool IsVoid(long sequence) =>
        GetPayload(sequence) is { } payload && IsMedia(payload) && _interrupted.Contains(payload.TurnId);

    /// <summary>Sequence of a turn's <c>turn_started</c>; null when it never came.</summary>
    public long? FindStart(string turnId) => _started.TryGetValue(turnId, out long sequence) ? sequence : null;

    /// <summary>Sequence of a turn's first payload.</summary>
    public long FindFirst(string turnId) => _entries.FindIndex(entry => entry.TurnId == turnId && entry.Payload is not null) + 1;

    /// <summary>Turns that have begun and not ended, oldest first.</summary>
    public List<string> FindOpen() => [.. _started.Where(turn => !_ended.Contains(turn.Key)).OrderBy(turn => turn.Value).Select(turn => turn.Key)];

    public IEnumerable<Payload> FindMedia(string turnId) =>
        _entries.Select(entry => entry.Payload).OfType<Payload>().Where(payload => payload.TurnId == turnId && IsMedia(payload));

    private static bool IsMedia(Payload payload) => payload.Audio is not null || payload.Motion is not null;
}
