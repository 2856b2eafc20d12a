namespace MotionGateway.EdgeRelay;

/// <summary>A turn's audio or motion on its way into a JSON message.</summary>
internal readonly ref struct MediaPiece(string turnId, ReadOnlySpan<byte> data, bool isLast)
{
    public string TurnId { get; } = turnId;

    public ReadOnlySpan<byte> Data { get; } = data;

    public bool IsLast { get; } = isLast;
}
