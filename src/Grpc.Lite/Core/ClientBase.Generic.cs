namespace Grpc.Core;

/// <summary>The base of generated clients.</summary>
/// <typeparam name="T">The client itself.</typeparam>
public abstract class ClientBase<T> : ClientBase
    where T : ClientBase<T>
{
    /// <summary>Creates a client that cannot call, for test doubles.</summary>
    protected ClientBase()
    {
    }

    /// <summary>Creates a client like another.</summary>
    /// <param name="configuration">What the other was made of.</param>
    protected ClientBase(ClientBaseConfiguration configuration)
        : base(configuration)
    {
    }

    /// <summary>Creates a client on a channel.</summary>
    /// <param name="channel">The channel.</param>
    public ClientBase(ChannelBase channel)
        : base(channel)
    {
    }

    /// <summary>Creates a client over an invoker.</summary>
    /// <param name="callInvoker">Makes the calls.</param>
    public ClientBase(CallInvoker callInvoker)
        : base(callInvoker)
    {
    }

    /// <summary>Creates another client of the same kind.</summary>
    /// <param name="configuration">What it is made of.</param>
    protected abstract T NewInstance(ClientBaseConfiguration configuration);
}
