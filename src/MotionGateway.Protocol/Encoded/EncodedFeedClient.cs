using Grpc.Core;
using MotionGateway.V1;

namespace MotionGateway.Protocol;

/// <summary>Client of <c>FeedService</c> that passes responses on as bytes, in rented memory that the reader gives back.</summary>
public sealed class EncodedFeedClient : ClientBase<EncodedFeedClient>
{
    /// <summary>Creates a client on a channel.</summary>
    /// <param name="channel">The channel; stays the caller's.</param>
    public EncodedFeedClient(ChannelBase channel)
        : base(channel)
    {
    }

    /// <summary>Creates a client over an invoker, such as an intercepted one.</summary>
    /// <param name="callInvoker">Makes the calls.</param>
    public EncodedFeedClient(CallInvoker callInvoker)
        : base(callInvoker)
    {
    }

    private EncodedFeedClient(ClientBaseConfiguration configuration)
        : base(configuration)
    {
    }

    /// <summary>Follows a session's log from a position.</summary>
    /// <param name="options">Deadline, headers, cancellation.</param>
    public AsyncDuplexStreamingCall<SubscribeRequest, EncodedResponse> Subscribe(CallOptions options) =>
        CallInvoker.AsyncDuplexStreamingCall(EncodedFeedService.SubscribeMethod, null, options);

    /// <inheritdoc/>
    protected override EncodedFeedClient NewInstance(ClientBaseConfiguration configuration) => new(configuration);
}
