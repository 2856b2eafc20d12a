using MotionGateway.Feeds;

namespace MotionGateway.Sessions;

/// <summary>Motion of a turn that waits for its release.</summary>
/// <param name="FirstKeyframe">Place in the turn.</param>
/// <param name="Count">Keyframes.</param>
/// <param name="IsLast">The turn's last.</param>
/// <param name="Envelope">The Motion Server's message.</param>
internal readonly record struct StagedMotion(long FirstKeyframe, int Count, bool IsLast, SlabPart Envelope);

/// <summary>All of it, in its order. Most of it waits for no time: a slab for it is one that another message has just left.</summary>
/// <param name="pool">Where those come from.</param>
internal sealed class StagedMotions(SlabPool pool)
{
    private readonly Queue<StagedMotion> _waiting = new();

    /// <summary>Messages that wait.</summary>
    public int Count => _waiting.Count;

    /// <summary>Their bytes.</summary>
    public long Bytes { get; private set; }

    /// <summary>Adds a copy of a message.</summary>
    /// <param name="firstKeyframe">Place in the turn.</param>
    /// <param name="count">Keyframes.</param>
    /// <param name="isLast">The turn's last.</param>
    /// <param name="envelope">The message.</param>
    public void Add(long firstKeyframe, int count, bool isLast, ReadOnlySpan<byte> envelope)
    {
        var slab = pool.Rent(envelope.Length);
        envelope.CopyTo(slab.Bytes);
        _waiting.Enqueue(new StagedMotion(firstKeyframe, count, isLast, new SlabPart(slab, 0, envelope.Length)));
        Bytes += envelope.Length;
    }

    /// <summary>The first message, there until it is let go of; false when none waits.</summary>
    public bool TryPeek(out StagedMotion first) => _waiting.TryPeek(out first);

    /// <summary>Lets go of the first message.</summary>
    public void LetGo()
    {
        var envelope = _waiting.Dequeue().Envelope;
        Bytes -= envelope.Length;
        envelope.Slab.Release();
    }

    /// <summary>Lets go of all.</summary>
    public void Clear()
    {
        while (_waiting.Count > 0)
        {
            LetGo();
        }
    }
}
