using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MotionGateway.V1;

namespace MotionGateway.Protocol.Tests;

public sealed class EncodedServiceTests
{
    [Fact]
    public void Descriptor_Services_AreThoseOfTheProtos()
    {
        Assert.Equal("motiongateway.v1.FeedService", EncodedFeedService.Descriptor.FullName);
        Assert.Equal("motiongateway.v1.SpeechService", EncodedSpeechService.Descriptor.FullName);
    }

    [Fact]
    public async Task Subscribe_EncodedAndPlainClients_GetTheSameBytes()
    {
        await using var app = await StartAsync();
        using var channel = GrpcChannel.ForAddress(app.Urls.First());
        using var encoded = new EncodedFeedClient(channel).Subscribe(new CallOptions());
        using var plain = new FeedService.FeedServiceClient(channel).Subscribe();
        var start = new SubscribeRequest { Start = new StartFeed { SessionId = "s1" } };
        await encoded.RequestStream.WriteAsync(start);
        await plain.RequestStream.WriteAsync(start);
        await encoded.RequestStream.CompleteAsync();
        await plain.RequestStream.CompleteAsync();

        var kept = new List<EncodedResponse>();
        while (await encoded.ResponseStream.MoveNext(CancellationToken.None))
        {
            kept.Add(encoded.ResponseStream.Current);
            Assert.True(await plain.ResponseStream.MoveNext(CancellationToken.None));
            Assert.Equal(plain.ResponseStream.Current.ToByteArray(), kept[^1].Bytes.ToArray());
        }

        Assert.False(await plain.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal(3, kept.Count);
        Assert.Equal("s1", SubscribeResponse.Parser.ParseFrom(kept[0].Bytes.Span).Started.SessionId);
        Assert.Equal(7, SubscribeResponse.Parser.ParseFrom(kept[1].Bytes.Span).Payload.Sequence);
        Assert.True(kept[2].Bytes.IsEmpty);
        kept[1].Dispose();
        kept[1].Dispose();
        Assert.True(kept[1].Bytes.IsEmpty);
        Assert.False(kept[0].Bytes.IsEmpty);
    }

    private static async Task<WebApplication> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0")
            .ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        var app = builder.Build();
        app.MapGrpcService<Feeds>();
        await app.StartAsync();
        return app;
    }

    // One instance for all writes: first a message, then bytes, then bytes of another length.
    private sealed class Feeds : EncodedFeedService.EncodedFeedServiceBase
    {
        public override async Task Subscribe(
            IAsyncStreamReader<SubscribeRequest> requestStream, IServerStreamWriter<EncodedResponse> responseStream, ServerCallContext context)
        {
            await requestStream.MoveNext(context.CancellationToken);
            var response = new EncodedResponse();
            var started = new FeedStarted { SessionId = requestStream.Current.Start.SessionId };
            await responseStream.WriteAsync(response.Set(new SubscribeResponse { Started = started }), context.CancellationToken);
            byte[] bytes = new SubscribeResponse { Payload = new Payload { Sequence = 7 } }.ToByteArray();
            await responseStream.WriteAsync(response.Set(bytes), context.CancellationToken);
            await responseStream.WriteAsync(response.Set(ReadOnlyMemory<byte>.Empty), context.CancellationToken);

            // An end before the caller's own could fail its write.
            await requestStream.MoveNext(context.CancellationToken);
        }
    }
}
