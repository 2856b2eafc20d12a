using System.Buffers.Binary;
using MotionGateway.Interop.Tests.V1;
using MotionGateway.Testing;

namespace MotionGateway.Interop.Tests;

/// <summary>What one connection can do to the server, and to the others.</summary>
public sealed class AttackTests
{
    private const string Chat = "/interop.v1.InteropService/Chat";
    private const int MessageBytes = 1024 * 1024;

    // A byte of each message is never sent.
    private static readonly byte[] Unfinished = CreateUnfinished();

    [Fact]
    public async Task UnfinishedRequests_FifteenHundredOnOneConnection_AreNotTakenInAndHarmNobody()
    {
        await using var server = await TestServer.StartAsync();
        await using var connection = await RawHttp2Connection.OpenAsync(server.Address);
        var streams = new List<(int Stream, int Sent)>();
        for (int i = 0; i < 1500; i++)
        {
            streams.Add((await connection.BeginAsync(Chat), 0));
        }

        // Until the windows have let nothing through for a while.
        long before = -1;
        while (connection.Sent > before)
        {
            before = connection.Sent;
            for (int i = 0; i < streams.Count; i++)
            {
                var (stream, sent) = streams[i];
                streams[i] = (stream, sent + await connection.SendAsync(stream, Unfinished.AsMemory(sent)).DefaultTimeout());
            }

            await server.Client.UnaryAsync(new EchoRequest()).ResponseAsync.DefaultTimeout();
            await Task.Delay(TimeSpan.FromMilliseconds(500));
        }

        Assert.InRange(connection.Sent, MessageBytes, 400 * 1024 * 1024);
        await connection.DisposeAsync();
        await server.Client.UnaryAsync(new EchoRequest()).ResponseAsync.DefaultTimeout();
    }

    [Fact]
    public async Task UnfinishedRequest_LongerThanARequestMayTake_EndsItsCall()
    {
        await using var server = await TestServer.StartAsync(requestTimeout: TimeSpan.FromSeconds(1));
        await using var connection = await RawHttp2Connection.OpenAsync(server.Address);
        int stream = await connection.BeginAsync(Chat);
        await connection.SendAsync(stream, Unfinished.AsMemory(0, 100));

        await Eventually.TrueAsync(() => connection.ResetCount == 1);
    }

    [Fact]
    public async Task IdleStream_LongerThanARequestMayTake_GoesOn()
    {
        await using var server = await TestServer.StartAsync(requestTimeout: TimeSpan.FromMilliseconds(200));
        using var call = server.Client.Chat();
        for (int i = 0; i < 2; i++)
        {
            await call.RequestStream.WriteAsync(new EchoRequest());
            Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout());
            await Task.Delay(TimeSpan.FromMilliseconds(600));
        }
    }

    [Fact]
    public async Task LargeRequests_MoreThanAConnectionHasRoomFor_AllComeThrough()
    {
        await using var server = await TestServer.StartAsync();
        var request = new EchoRequest { Payload = Google.Protobuf.ByteString.CopyFrom(new byte[4_000_000]), ResponseLength = 1 };
        using var handler = Protocol.GatewayChannel.CreateHandler();
        handler.EnableMultipleHttp2Connections = false;
        using var channel = server.CreateChannel(options => options.HttpHandler = handler);
        var client = new InteropService.InteropServiceClient(channel);

        var calls = Enumerable.Range(0, 40).Select(_ => client.UnaryAsync(request).ResponseAsync).ToArray();

        Assert.All(await Task.WhenAll(calls).DefaultTimeout(), response => Assert.Equal(1, response.Payload.Length));
    }

    [Fact]
    public async Task RapidResets_OnOneConnection_AreCutOffAndHarmNobody()
    {
        await using var server = await TestServer.StartAsync();
        server.Log.Expect(entry => entry.Category == "Microsoft.AspNetCore.Server.Kestrel.Http2");
        await using var connection = await RawHttp2Connection.OpenAsync(server.Address);
        int count = 0;
        while (count < 60_000 && !connection.IsOver)
        {
            await connection.ResetAsync(await connection.BeginAsync(Chat));
            count++;
        }

        Assert.True(connection.IsOver, "the connection went on");
        await server.Client.UnaryAsync(new EchoRequest()).ResponseAsync.DefaultTimeout();
    }

    private static byte[] CreateUnfinished()
    {
        var frame = new byte[5 + MessageBytes - 1];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), MessageBytes);
        return frame;
    }
}
