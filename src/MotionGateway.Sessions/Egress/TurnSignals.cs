namespace MotionGateway.Sessions;

/// <summary>What has been told of a turn's playback, and what is awaited.</summary>
internal sealed class TurnSignals
{
    public AwaitedSignal Awaited { get; private set; }

    /// <summary>Since when it is awaited.</summary>
    public long Since { get; private set; }

    /// <summary>Anything has been told of it: the Motion Server plays it.</summary>
    public bool HasAny { get; set; }

    public void Await(AwaitedSignal signal, long now) => (Awaited, Since) = (signal, now);

    /// <summary>A signal has come, or is not awaited any more.</summary>
    public void Settle(AwaitedSignal signal) => Awaited = Awaited == signal ? AwaitedSignal.None : Awaited;
}
