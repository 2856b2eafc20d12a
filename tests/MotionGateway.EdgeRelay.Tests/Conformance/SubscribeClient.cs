using Grpc.Core;
using MotionGateway.Gateway.Tests;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay.Tests.Conformance;

/// <summary>A reader of <c>Subscribe</c> at a gateway.</summary>
internal sealed class SubscribeClient : ResponseClient
{
    private readonly FeedReader _reader;

    private SubscribeClient(FeedReader reader) => _reader = reader;

    public override bool Acknowledges
    {
        get => _reader.Acknowledges;
        set => _reader.Acknowledges = value;
    }

    public static async Task<FeedClient> ConnectAsync(SessionUnderTest session, FeedRequest request)
    {
        var gateway = ((GatewaySession)session).Gateway;
        return new SubscribeClient(await FeedReader.StartAsync(gateway.Feed, session.Id, request.Write, request.Acknowledges));
    }

    public override Task AcknowledgeAsync() => _reader.AcknowledgeAsync(Position!.Epoch, Position.Sequence);

    public override Task RenewAsync(string token) =>
        _reader.SendAsync(new SubscribeRequest { RenewToken = new RenewViewerToken { ViewerToken = token } });

    public override void Dispose() => _reader.Dispose();

    protected override async Task<SubscribeResponse?> ReceiveResponseAsync()
    {
        try
        {
            return await _reader.ReadAsync();
        }
        catch (RpcException fault)
        {
            Assert.True(RpcErrors.TryRead(fault, out var failure), $"The status has no details: {fault.Status}");
            EndReason = failure.Reason;
            return null;
        }
    }
}
