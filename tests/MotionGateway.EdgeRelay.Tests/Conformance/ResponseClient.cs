using MotionGateway.Gateway.Tests;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay.Tests.Conformance;

/// <summary>A client of a feed whose messages are <see cref="SubscribeResponse"/>, however they travel.</summary>
internal abstract class ResponseClient : FeedClient
{
    private readonly List<SubscribeResponse> _responses = [];

    public override Position? Position => _responses.Select(PositionOf).LastOrDefault(position => position is not null);

    // Each sequence is seen, or declared.
    public override void AssertWellFormed(bool goesOn = false)
    {
        base.AssertWellFormed(goesOn);
        FeedAssert.Contiguous(_responses);
    }

    protected override async Task<IReadOnlyList<FeedEvent>?> ReceiveAsync()
    {
        if (await ReceiveResponseAsync() is not { } response)
        {
            return null;
        }

        _responses.Add(response);
        return [FeedEvent.From(response)];
    }

    protected abstract Task<SubscribeResponse?> ReceiveResponseAsync();

    private Position? PositionOf(SubscribeResponse response) => response.ResponseCase switch
    {
        SubscribeResponse.ResponseOneofCase.Started => response.Started.Position,
        SubscribeResponse.ResponseOneofCase.Payload => At(response.Payload.Sequence),
        SubscribeResponse.ResponseOneofCase.Skipped => At(response.Skipped.Range.Through),
        _ => null,
    };

    private Position At(long sequence) => new() { Epoch = _responses[0].Started.Position.Epoch, Sequence = sequence };
}
