namespace MotionGateway.Chaos.Tests.Speaking;

/// <summary>How a turn is to be spoken.</summary>
internal sealed record TurnPlan
{
    /// <summary>Its name; empty: the gateway names it.</summary>
    public required string Name { get; init; }

    /// <summary>What is said.</summary>
    public required byte[] Speech { get; init; }

    /// <summary>Bytes of one chunk.</summary>
    public required int ChunkBytes { get; init; }

    /// <summary>How much faster than speech it is sent; 0: at once.</summary>
    public required double Pace { get; init; }

    /// <summary>The end comes with the last chunk, or by itself.</summary>
    public bool EndsWithLastChunk { get; init; }

    /// <summary>It is begun without waiting for the end of the turn before.</summary>
    public bool IsQueued { get; init; }

    /// <summary>Where its speaker stops saying it, because it was interrupted, its end is sent all the same.</summary>
    public bool EndsStopped { get; init; } = true;

    /// <summary>Its speaker stops saying it once it is interrupted; else what follows is discarded.</summary>
    public bool StopsWhenInterrupted { get; init; } = true;

    public override string ToString() =>
        $"{Speech.Length} bytes in {ChunkBytes} at {(Pace == 0 ? "once" : $"{Pace}x")}{(IsQueued ? ", queued" : "")}{(EndsWithLastChunk ? "" : ", end apart")}";
}
