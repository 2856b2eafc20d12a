namespace MotionGateway.EdgeRelay.Tests.Published;

/// <summary>A turn as a published client has got it.</summary>
internal sealed class PlayedTurn(string id)
{
    public string Id { get; } = id;

    public List<byte> Audio { get; } = [];

    public List<byte[]> Motion { get; } = [];

    public bool IsAudioOver { get; set; }

    public bool IsMotionOver { get; set; }
}
