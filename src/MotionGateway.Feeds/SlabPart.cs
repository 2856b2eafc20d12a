namespace MotionGateway.Feeds;

/// <summary>Bytes in a slab, which stand together.</summary>
/// <param name="Slab">The slab; of no bytes none. That it is held as long as the bytes are used is up to the user.</param>
/// <param name="Offset">Where they begin.</param>
/// <param name="Length">How many there are.</param>
public readonly record struct SlabPart(Slab Slab, int Offset, int Length)
{
    /// <summary>The bytes.</summary>
    /// <exception cref="ObjectDisposedException">The slab has gone back.</exception>
    public ReadOnlyMemory<byte> Memory => Length == 0 ? default : new(Slab.Bytes, Offset, Length);

    /// <summary>The bytes, to be written where nobody reads yet.</summary>
    internal Span<byte> Span => Slab.Bytes.AsSpan(Offset, Length);
}
