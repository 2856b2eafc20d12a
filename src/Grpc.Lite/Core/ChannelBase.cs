namespace Grpc.Core;

/// <summary>What clients make calls on.</summary>
public abstract class ChannelBase
{
    /// <summary>Creates a channel.</summary>
    /// <param name="target">The peer.</param>
    protected ChannelBase(string target)
    {
        ArgumentNullException.ThrowIfNull(target);
        Target = target;
    }

    /// <summary>The peer.</summary>
    public string Target { get; }

    /// <summary>Creates an invoker of calls on this channel.</summary>
    public abstract CallInvoker CreateCallInvoker();

    /// <summary>Ends the channel; calls are ended before by whoever made them.</summary>
    public Task ShutdownAsync() => ShutdownAsyncCore();

    /// <summary>Ends the channel.</summary>
    protected virtual Task ShutdownAsyncCore() => Task.CompletedTask;
}
