using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>What a published client asks.</summary>
internal sealed record PublishedRequest
{
    /// <summary>Nothing that has to be done.</summary>
    public static PublishedRequest None { get; } = new();

    /// <summary>The client wants to begin.</summary>
    public bool IsStart { get; init; }

    /// <summary>Something for the speaker; null for nothing.</summary>
    public ViewerEvent? Event { get; init; }

    /// <summary>A clip that is to be said; empty: any; null for none.</summary>
    public string? Clip { get; init; }

    /// <summary>What is answered at once; null for nothing.</summary>
    public byte[]? Answer { get; init; }

    /// <summary>What is answered in its place when the viewer may not talk; null where that does not matter.</summary>
    public byte[]? AnswerToListener { get; init; }

    /// <summary>What is answered when <see cref="Clip"/> cannot be said; null for nothing.</summary>
    public byte[]? ClipRefusal { get; init; }
}
