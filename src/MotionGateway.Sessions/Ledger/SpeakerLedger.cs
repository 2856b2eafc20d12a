using System.Diagnostics.CodeAnalysis;
using MotionGateway.V1;

namespace MotionGateway.Sessions;

/// <summary>
/// What a session's speaker must learn: of each turn what was handled, how it went, what failed. It is the session's, and a call
/// is a position in it, so that a call which breaks loses nothing. What is told of a turn's audio replaces what was told before.
/// </summary>
internal sealed class SpeakerLedger
{
    private const int MaxEntries = 1024;

    // In the order of their positions.
    private readonly LinkedList<Entry> _entries = new();
    private readonly Dictionary<string, LinkedListNode<Entry>> _acknowledgements = [];

    /// <summary>Position of the latest entry; 0 when there is none.</summary>
    public long Position { get; private set; }

    public void Acknowledge(string turnId, long bytes, long discardedBytes)
    {
        if (_acknowledgements.Remove(turnId, out var node))
        {
            _entries.Remove(node);
        }

        _acknowledgements.Add(turnId, Add(new SpeakResponse
        {
            AudioAcknowledged = new AudioAcknowledged { TurnId = turnId, Bytes = bytes, DiscardedBytes = discardedBytes },
        }));
    }

    public void Report(TurnReport report) => Add(new SpeakResponse { TurnReport = report });

    public void Fail(MotionServerFailure failure) => Add(new SpeakResponse { MotionServerFailure = failure });

    /// <summary>The first entry after a position.</summary>
    public bool TryRead(long after, [NotNullWhen(true)] out SpeakResponse? response)
    {
        // Readers are near the end, as a rule.
        var node = _entries.Last;
        if (node is null || node.Value.Position <= after)
        {
            response = null;
            return false;
        }

        while (node.Previous is { } previous && previous.Value.Position > after)
        {
            node = previous;
        }

        response = node.Value.Response;
        return true;
    }

    private LinkedListNode<Entry> Add(SpeakResponse response)
    {
        response.LedgerPosition = ++Position;
        if (_entries.Count == MaxEntries)
        {
            if (_entries.First!.Value.Response.AudioAcknowledged is { } oldest)
            {
                _acknowledgements.Remove(oldest.TurnId);
            }

            _entries.RemoveFirst();
        }

        return _entries.AddLast(new Entry(Position, response));
    }

    // An entry's message is never changed once it is there: it may be being written.
    private readonly record struct Entry(long Position, SpeakResponse Response);
}
