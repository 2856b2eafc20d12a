using MotionGateway.V1;

namespace MotionGateway.Feeds;

/// <summary>Where a reader starts, and what it gets before the log's entries.</summary>
internal sealed record ReaderStart
{
    private const int KeyframesPerSecond = 25;

    /// <summary>The last sequence before the reader's first.</summary>
    public required long After { get; init; }

    /// <summary>
    /// From here on the reader gets the log's entries. Of what stands between it gets the <c>turn_started</c> of
    /// <see cref="Introduced"/>, and the rest is declared.
    /// </summary>
    public required long Begin { get; init; }

    /// <summary>Why sequences before <see cref="Begin"/> are left out.</summary>
    public SkipReason Reason { get; init; }

    /// <summary>Turns that were open, and had begun before <see cref="Begin"/>, oldest first.</summary>
    public LogTurn[] Introduced { get; init; } = [];

    /// <summary>Whether the reader starts by a rule. It then gets a turn with its <c>turn_started</c> or not at all.</summary>
    public bool IsByRule { get; init; } = true;

    /// <summary>After a position.</summary>
    /// <exception cref="GatewayException">The position cannot be served.</exception>
    public static ReaderStart At(LogPosition position, LogContent content) => FindFault(position, content) is { } fault
        ? throw fault
        : new ReaderStart { After = position.Sequence, Begin = position.Sequence + 1, IsByRule = false };

    /// <summary>At the last entry: no turn follows.</summary>
    /// <param name="content">The content of a complete log.</param>
    public static ReaderStart AtEnd(LogContent content) => new() { After = content.Last - 1, Begin = content.Last };

    /// <summary>At the current turn or the next one.</summary>
    /// <param name="start">The rule; unspecified means the current turn.</param>
    /// <param name="heardSamples">Samples heard of the current turn.</param>
    /// <param name="content">The log's content.</param>
    public static ReaderStart By(FeedStart start, long heardSamples, LogContent content)
    {
        if (start == FeedStart.Live || content.OpenTurns.Current is not { Started: not null } turn)
        {
            return new ReaderStart { After = content.Last, Begin = content.Last + 1 };
        }

        long first = turn.FirstSequence, available = Math.Max(first, content.First);
        long begin = start == FeedStart.Now ? FindHeard(turn, heardSamples, content) ?? available : available;
        return new ReaderStart
        {
            After = first - 1,
            Begin = begin,
            Reason = begin > available ? SkipReason.BeforeStart : SkipReason.Expired,
            Introduced = begin == first ? [] : content.OpenTurns.FindBegun(new SequenceSpan(first, begin - 1)),
        };
    }

    /// <summary>Whether a turn is none of the reader's: it began before the reader's start, or nobody knows where.</summary>
    public bool LeavesOut(LogTurn turn) =>
        IsByRule && (turn.Started is null || (turn.FirstSequence < Begin && Array.IndexOf(Introduced, turn) < 0));

    /// <summary>What comes at a sequence before <see cref="Begin"/>: a <c>turn_started</c>, or the declaration up to the next.</summary>
    public LogEntry Take(long sequence, LogContent content)
    {
        var next = Array.Find(Introduced, turn => turn.FirstSequence >= sequence)?.Started;
        return next is not null && next.Sequence == sequence
            ? next
            : content.CreateDeclaration(new SequenceSpan(sequence, (next?.Sequence ?? Begin) - 1), Reason);
    }

    // The audio at the first sample of the motion that holds the keyframe heard now; where that has not come, the audio that is
    // heard. Null when the log has no such audio.
    private static long? FindHeard(LogTurn turn, long heardSamples, LogContent content)
    {
        PayloadHeader.TryRead(turn.Started!.Encoded.Span, out var started);
        int rate = started.ReadSampleRate();
        long keyframe = rate > 0 ? heardSamples * KeyframesPerSecond / rate : 0;
        var motion = rate > 0 ? FindMedia(turn, PayloadKind.Motion, keyframe, content.Last, content) : null;
        long sample = motion is var (_, first, count) && keyframe < first + count
            ? first * rate / KeyframesPerSecond
            : heardSamples;

        // Another turn's beginning is not passed over: the media between it and the reader's begin would be missing.
        var following = content.OpenTurns.FindBegun(new SequenceSpan(turn.FirstSequence + 1, content.Last)).FirstOrDefault();
        return FindMedia(turn, PayloadKind.Audio, sample, following?.FirstSequence ?? content.Last, content)?.Sequence;
    }

    // The last piece of a turn's audio or motion that begins at or before a place, in samples or keyframes.
    private static (long Sequence, long First, long Count)? FindMedia(
        LogTurn turn, PayloadKind kind, long place, long through, LogContent content)
    {
        (long, long, long)? found = null;
        for (int i = 0; i < content.Entries.Count && content.Entries[i].Sequence <= through; i++)
        {
            var entry = content.Entries[i];
            if (entry.Turn == turn && entry.Kind == kind && PayloadHeader.TryRead(entry.Encoded.Span, out var header))
            {
                var (first, count) = header.ReadPlace();
                found = first <= place ? (entry.Sequence, first, count) : found;
            }
        }

        return found;
    }

    private static GatewayException? FindFault(LogPosition position, LogContent content)
    {
        var reason = position switch
        {
            _ when position.Epoch != content.Epoch => ErrorReason.EpochChanged,
            _ when position.Sequence > content.Last => ErrorReason.PositionAhead,
            _ when position.Sequence + 1 < content.First => ErrorReason.SequenceExpired,
            _ => ErrorReason.Unspecified,
        };
        if (reason == ErrorReason.Unspecified)
        {
            return null;
        }

        string there = content.Available is { } span ? $"{span.From} to {span.Through}" : "none";
        return new GatewayException(
            reason,
            $"Position (epoch {position.Epoch}, sequence {position.Sequence}) cannot be served. Epoch {content.Epoch} has "
            + $"sequences {there}. Start again at the current turn.")
        {
            Field = "start.position",
            Available = content.Available,
            Epoch = content.Epoch,
        };
    }
}
