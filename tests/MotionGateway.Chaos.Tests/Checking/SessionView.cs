using System.IO.Hashing;
using Google.Protobuf;
using MotionGateway.V1;

namespace MotionGateway.Chaos.Tests.Checking;

/// <summary>A session's log as its readers saw it, together: whoever sees a sequence sees the same. Thread-safe.</summary>
internal sealed class SessionView(Promises promises)
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<long, (ulong Fingerprint, Payload Payload)> _payloads = [];
    private readonly List<(long From, long Through)> _declared = [];
    private readonly HashSet<string> _started = [];
    private readonly List<string> _order = [];

    /// <summary>Payloads in the order of the log.</summary>
    public IReadOnlyList<Payload> Payloads
    {
        get
        {
            lock (_lock)
            {
                return [.. _payloads.Values.Select(entry => entry.Payload)];
            }
        }
    }

    /// <summary>Ids of the turns that have started, in the order in which their starts were seen.</summary>
    public IReadOnlyList<string> Started
    {
        get
        {
            lock (_lock)
            {
                return [.. _order];
            }
        }
    }

    public bool HasStarted(string turnId)
    {
        lock (_lock)
        {
            return _started.Contains(turnId);
        }
    }

    public void Declare(long from, long through)
    {
        lock (_lock)
        {
            _declared.Add((from, through));
        }
    }

    public void Take(Payload payload, string who)
    {
        ulong fingerprint = XxHash3.HashToUInt64(payload.ToByteArray());
        lock (_lock)
        {
            if (!_payloads.TryAdd(payload.Sequence, (fingerprint, payload)))
            {
                promises.Require(
                    _payloads[payload.Sequence].Fingerprint == fingerprint, who, () => $"another payload {payload.Sequence} than others saw");
            }
            else if (payload.TurnStarted is not null && _started.Add(payload.TurnId))
            {
                _order.Add(payload.TurnId);
            }
        }
    }

    /// <summary>The sequences that nobody saw and that nothing declares.</summary>
    public IReadOnlyList<long> Undeclared()
    {
        lock (_lock)
        {
            var declared = _declared
                .Concat(_payloads.Values.Select(entry => entry.Payload.TurnEnded?.Discarded).OfType<SequenceRange>()
                    .Select(range => (range.From, range.Through)))
                .ToList();
            long last = _payloads.Count == 0 ? 0 : _payloads.Keys.Last();
            return [.. Sequences(last).Where(sequence => !_payloads.ContainsKey(sequence)
                && !declared.Exists(range => range.From <= sequence && sequence <= range.Item2))];
        }
    }

    private static IEnumerable<long> Sequences(long last)
    {
        for (long sequence = 1; sequence <= last; sequence++)
        {
            yield return sequence;
        }
    }
}
