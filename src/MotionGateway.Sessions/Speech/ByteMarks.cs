namespace MotionGateway.Sessions;

/// <summary>
/// Which of the caller's bytes became which samples: exact where chunks end, between them in proportion. Of PCM, of which every
/// sample takes as many bytes, it is exact throughout, and one run.
/// </summary>
internal sealed class ByteMarks
{
    // Runs of one proportion each, in order; each begins where the one before ends. What was asked for already is dropped.
    private readonly List<Run> _runs = [];

    /// <summary>All bytes up to here have become the samples up to there.</summary>
    /// <param name="samples">Samples from the turn's start.</param>
    /// <param name="bytes">The caller's bytes from the turn's start.</param>
    public void Add(long samples, long bytes)
    {
        var last = _runs.Count > 0 ? _runs[^1] : default;
        if (samples == last.EndSamples)
        {
            // Bytes that gave no sample yet go with the next one.
            return;
        }

        var run = new Run(last.EndSamples, last.EndBytes, samples, bytes);
        if (_runs.Count > 0 && last.IsInLineWith(run))
        {
            _runs[^1] = last with { EndSamples = samples, EndBytes = bytes };
        }
        else
        {
            _runs.Add(run);
        }
    }

    /// <summary>The caller's bytes that became the samples before a place. Places that are asked for do not fall.</summary>
    /// <param name="sample">A place, in samples.</param>
    public long BytesAt(long sample)
    {
        int first = 0;
        while (first < _runs.Count && _runs[first].EndSamples < sample)
        {
            first++;
        }

        if (first == _runs.Count)
        {
            return first > 0 ? _runs[^1].EndBytes : 0;
        }

        _runs.RemoveRange(0, first);
        return _runs[0].BytesAt(sample);
    }

    private readonly record struct Run(long FirstSample, long FirstByte, long EndSamples, long EndBytes)
    {
        public bool IsInLineWith(Run next) =>
            (Int128)(EndBytes - FirstByte) * (next.EndSamples - next.FirstSample)
            == (Int128)(next.EndBytes - next.FirstByte) * (EndSamples - FirstSample);

        public long BytesAt(long sample) =>
            FirstByte + (long)((Int128)(Math.Max(sample, FirstSample) - FirstSample) * (EndBytes - FirstByte) / (EndSamples - FirstSample));
    }
}
