using MotionGateway.V1;

namespace MotionGateway.Cli.Viewing;

/// <summary>
/// Checks that a feed has no silent gap: each sequence is seen once, or declared void or skipped before the next one comes.
/// </summary>
internal sealed class ContiguityTracker
{
    private const int MaxViolations = 20;
    private readonly List<string> _violations = [];
    private readonly HashSet<string> _endedTurns = [];
    private bool _isStarted;

    /// <summary>Epoch of the last sequence.</summary>
    public uint Epoch { get; private set; }

    /// <summary>Last sequence seen or declared.</summary>
    public long LastSequence { get; private set; }

    /// <summary>Sequences that were declared instead of seen.</summary>
    public long DeclaredSequences { get; private set; }

    /// <summary>Whether everything was contiguous so far.</summary>
    public bool IsContiguous => _violations.Count == 0;

    /// <summary>What was not, for people; the first few.</summary>
    public IReadOnlyList<string> Violations => _violations;

    /// <summary>Up to where the feed has been processed; null before its first start.</summary>
    public Position? Position => _isStarted ? new Position { Epoch = Epoch, Sequence = LastSequence } : null;

    /// <summary>A feed begins. After a first one it must go on where that stood, unless a loss was accepted.</summary>
    /// <param name="position">The feed begins after this position.</param>
    /// <param name="isAnew">A new beginning was asked for: earlier sequences are not expected any more.</param>
    public void Start(Position position, bool isAnew)
    {
        if (_isStarted && !isAnew && (position.Epoch != Epoch || position.Sequence != LastSequence))
        {
            Violate($"resumed after {Epoch}:{LastSequence}, but the feed begins after {position.Epoch}:{position.Sequence}");
        }

        _isStarted = true;
        Epoch = position.Epoch;
        LastSequence = position.Sequence;
    }

    /// <summary>Sequences are declared left out.</summary>
    public void Skip(SequenceSkipped skipped)
    {
        if (skipped.Epoch < Epoch)
        {
            return;
        }

        var range = skipped.Range;
        if (skipped.Epoch != Epoch || range.From != LastSequence + 1 || range.Through < range.From)
        {
            Violate($"after {Epoch}:{LastSequence} the range {skipped.Epoch}:{range.From}..{range.Through} was declared skipped");
        }

        Epoch = skipped.Epoch;
        DeclaredSequences += Math.Max(0, range.Through - LastSequence);
        LastSequence = Math.Max(LastSequence, range.Through);
    }

    /// <summary>A payload was received.</summary>
    /// <returns>False for one of an earlier epoch, which is to be dropped.</returns>
    public bool Receive(Payload payload)
    {
        if (payload.Epoch < Epoch)
        {
            return false;
        }

        var discarded = payload.TurnEnded?.Discarded;
        bool isDeclared = discarded is not null && discarded.From <= LastSequence + 1 && discarded.Through >= payload.Sequence - 1;
        if (payload.Epoch != Epoch)
        {
            Violate($"epoch {payload.Epoch} follows epoch {Epoch} without a new start");
        }
        else if (payload.Sequence != LastSequence + 1 && !(isDeclared && payload.Sequence > LastSequence))
        {
            Violate($"sequence {payload.Sequence} follows {LastSequence}");
        }

        if (payload.TurnId.Length > 0 && _endedTurns.Contains(payload.TurnId))
        {
            Violate($"sequence {payload.Sequence} belongs to turn {payload.TurnId}, which had ended");
        }

        if (payload.ContentCase == Payload.ContentOneofCase.TurnEnded)
        {
            _endedTurns.Add(payload.TurnId);
        }

        Epoch = payload.Epoch;
        DeclaredSequences += Math.Max(0, payload.Sequence - LastSequence - 1);
        LastSequence = Math.Max(LastSequence, payload.Sequence);
        return true;
    }

    private void Violate(string violation)
    {
        if (_violations.Count < MaxViolations)
        {
            _violations.Add(violation);
        }
    }
}
