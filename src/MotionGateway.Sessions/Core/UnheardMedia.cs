using MotionGateway.Feeds;

namespace MotionGateway.Sessions;

/// <summary>
/// Which payloads of a turn are released and not yet heard. Kept beside the log: an interrupt must say at once what it voids.
/// </summary>
internal sealed class UnheardMedia
{
    private const int MaxRuns = 4096;

    private Queue<(SequenceSpan Sequences, long EndSample)> _runs = new();

    /// <summary>A payload was appended.</summary>
    /// <param name="sequence">Its sequence.</param>
    /// <param name="endSample">Where it ends, in samples of the turn.</param>
    public void Add(long sequence, long endSample)
    {
        if (_runs.Count == MaxRuns)
        {
            Coarsen();
        }

        _runs.Enqueue((new SequenceSpan(sequence, sequence), endSample));
    }

    /// <summary>Forgets what has been heard.</summary>
    /// <param name="heardSamples">Samples heard.</param>
    /// <returns>The first sequence that may not have been heard; null when all has.</returns>
    public long? FirstAfter(long heardSamples)
    {
        while (_runs.TryPeek(out var oldest) && oldest.EndSample <= heardSamples)
        {
            _runs.Dequeue();
        }

        return _runs.TryPeek(out var first) ? first.Sequences.From : null;
    }

    /// <summary>The sequences from the first to the last payload that goes beyond what was heard; null when none does.</summary>
    /// <param name="heardSamples">Samples heard.</param>
    public SequenceSpan? Find(long heardSamples)
    {
        SequenceSpan? found = null;
        foreach (var (sequences, endSample) in _runs)
        {
            if (endSample > heardSamples)
            {
                found = new SequenceSpan(found?.From ?? sequences.From, sequences.Through);
            }
        }

        return found;
    }

    /// <summary>Forgets everything.</summary>
    public void Clear() => _runs = new();

    // Neighbours become one run, which counts as unheard as long as either is: at worst something heard is declared void.
    private void Coarsen()
    {
        var coarser = new Queue<(SequenceSpan Sequences, long EndSample)>(MaxRuns);
        while (_runs.TryDequeue(out var first))
        {
            coarser.Enqueue(_runs.TryDequeue(out var second)
                ? (new SequenceSpan(first.Sequences.From, second.Sequences.Through), Math.Max(first.EndSample, second.EndSample))
                : first);
        }

        _runs = coarser;
    }
}
