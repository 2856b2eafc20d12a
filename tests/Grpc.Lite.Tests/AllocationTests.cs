using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using MotionGateway.Testing;
using Xunit.Abstractions;

namespace Grpc.Lite.Tests;

/// <summary>Alone, because it counts what the whole process allocates.</summary>
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
[Collection(nameof(AllocationTests))]
public sealed class AllocationTests(ITestOutputHelper output)
{
    private const int Count = 10_000;
    private const int Length = 4096;

    // Two arrays of the message itself, which the marshallers here make; the rest is the transports' and the calls'.
    private const int Ceiling = (2 * Length) + 6144;

    [Fact]
    public async Task PingPong_TenThousandMessages_AllocatesLittleBesideThem()
    {
        await using var server = await TestServer.StartAsync(map: app => app.MapGrpcService<Mirror>());
        using var call = server.Channel.CreateCallInvoker().AsyncDuplexStreamingCall(RawBytesService.Twice, null, default);
        var request = new byte[Length];
        await PlayAsync(call, request, Count / 10).DefaultTimeout();
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await PlayAsync(call, request, Count).DefaultTimeout();
        var perRound = (GC.GetTotalAllocatedBytes(precise: true) - before) / Count;
        output.WriteLine($"{perRound} bytes a round");
        Assert.True(perRound < Ceiling, $"{perRound} bytes a round, at most {Ceiling}");
    }

    private static async Task PlayAsync(AsyncDuplexStreamingCall<byte[], RawResponse> call, byte[] request, int count)
    {
        for (var index = 0; index < count; index++)
        {
            await call.RequestStream.WriteAsync(request);
            Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
        }
    }

    private sealed class Mirror : RawBytesService.RawBytesServiceBase
    {
        public override async Task Twice(IAsyncStreamReader<byte[]> requestStream, IServerStreamWriter<RawResponse> responseStream, ServerCallContext context)
        {
            while (await requestStream.MoveNext(context.CancellationToken))
            {
                await responseStream.WriteAsync(new RawResponse(requestStream.Current, [], TellsLength: true), context.CancellationToken);
            }
        }
    }
}
