namespace MotionGateway.EdgeRelay;

/// <summary>Something that is served when its session's feed has grown, with others of its worker's <see cref="FeedShare"/>.</summary>
internal abstract class FeedFollower(FanOutWorker worker) : FanOutItem(worker)
{
    /// <summary>The share's place for it.</summary>
    public int PlaceInShare { get; set; }
}
