using System.IO.Compression;
using System.Net;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Lite.Tests.V1;
using MotionGateway.Testing;

namespace Grpc.Lite.Tests;

public sealed class FramingTests
{
    private const string UnaryPath = "/grpclite.test.v1.InteropService/Unary";

    [Theory]
    [InlineData(null)]
    [InlineData("application/json")]
    [InlineData("application/grpcx")]
    public async Task Request_WithoutGrpcContentType_Is415(string? contentType)
    {
        await using var server = await TestServer.StartAsync();
        using var client = new RawHttp2Client(server.Address);
        var response = await client.PostAsync(UnaryPath, RawHttp2Client.Frame([]), contentType).DefaultTimeout();
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
    }

    [Theory]
    [InlineData("application/grpc")]
    [InlineData("application/grpc+proto")]
    [InlineData("application/grpc; charset=utf-8")]
    public async Task Request_WithGrpcContentType_IsAnswered(string contentType)
    {
        await using var server = await TestServer.StartAsync();
        using var client = new RawHttp2Client(server.Address);
        var response = await client.PostAsync(UnaryPath, RawHttp2Client.Frame([]), contentType).DefaultTimeout();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/grpc", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("0", RawHttp2Client.Value(response, "grpc-status"));
    }

    [Fact]
    public async Task Request_GarbageMessage_IsRefusedAndTheConnectionGoesOn()
    {
        await using var server = await TestServer.StartAsync();
        // The official server takes the deserializer's exception for one of the method's, and logs it as an error.
        server.Log.Expect(entry => entry.Exception is InvalidProtocolBufferException);
        using var client = new RawHttp2Client(server.Address);
        var response = await client.PostAsync(UnaryPath, RawHttp2Client.Frame([0x0A, 0xFF, 0xFF])).DefaultTimeout();
        Assert.Contains(RawHttp2Client.Value(response, "grpc-status"), new[] { $"{(int)StatusCode.Internal}", $"{(int)StatusCode.Unknown}" });
        response = await client.PostAsync(UnaryPath, RawHttp2Client.Frame([])).DefaultTimeout();
        Assert.Equal("0", RawHttp2Client.Value(response, "grpc-status"));
    }

    public static TheoryData<byte[]> BrokenFrames => new()
    {
        Array.Empty<byte>(),
        new byte[] { 0 },
        new byte[] { 0, 0, 0, 0 },
        RawHttp2Client.Frame([1, 2, 3], length: 4),
        RawHttp2Client.Frame([]).Concat(new byte[] { 0, 0 }).ToArray(),
    };

    [Theory]
    [MemberData(nameof(BrokenFrames))]
    public async Task Request_HalfFrame_IsInternal(byte[] body)
    {
        await using var server = await TestServer.StartAsync();
        using var client = new RawHttp2Client(server.Address);
        var response = await client.PostAsync(UnaryPath, body).DefaultTimeout();
        Assert.Equal($"{(int)StatusCode.Internal}", RawHttp2Client.Value(response, "grpc-status"));
    }

    [Fact]
    public async Task Request_LengthBeyondLimit_IsRefusedBeforeItArrives()
    {
        await using var server = await TestServer.StartAsync();
        using var client = new RawHttp2Client(server.Address);
        var response = await client.PostAsync(UnaryPath, RawHttp2Client.Frame([1, 2, 3], length: int.MaxValue)).DefaultTimeout();
        Assert.Equal($"{(int)StatusCode.ResourceExhausted}", RawHttp2Client.Value(response, "grpc-status"));
    }

    [Fact]
    public async Task Request_Gzip_IsDecoded()
    {
        await using var server = await TestServer.StartAsync();
        using var client = new RawHttp2Client(server.Address);
        var request = Gzip(new EchoRequest { Payload = ByteString.CopyFrom(new byte[50_000]) }.ToByteArray());
        var response = await client.PostAsync(UnaryPath, RawHttp2Client.Frame(request, flag: 1), headers: ("grpc-encoding", "gzip")).DefaultTimeout();
        Assert.Equal("0", RawHttp2Client.Value(response, "grpc-status"));
        Assert.True((await response.Content.ReadAsByteArrayAsync()).Length > 50_000);
    }

    [Fact]
    public async Task Request_GzipBeyondLimit_IsResourceExhausted()
    {
        await using var server = await TestServer.StartAsync(options => options.MaxReceiveMessageSize = 10_000);
        using var client = new RawHttp2Client(server.Address);
        var request = Gzip(new EchoRequest { Payload = ByteString.CopyFrom(new byte[50_000]) }.ToByteArray());
        var response = await client.PostAsync(UnaryPath, RawHttp2Client.Frame(request, flag: 1), headers: ("grpc-encoding", "gzip")).DefaultTimeout();
        Assert.Equal($"{(int)StatusCode.ResourceExhausted}", RawHttp2Client.Value(response, "grpc-status"));
    }

    [Fact]
    public async Task Request_UnknownEncoding_IsUnimplementedAndNamesTheKnownOnes()
    {
        await using var server = await TestServer.StartAsync();
        using var client = new RawHttp2Client(server.Address);
        var response = await client.PostAsync(UnaryPath, RawHttp2Client.Frame([1, 2], flag: 1), headers: ("grpc-encoding", "zstd")).DefaultTimeout();
        Assert.Equal($"{(int)StatusCode.Unimplemented}", RawHttp2Client.Value(response, "grpc-status"));
        Assert.Contains("gzip", RawHttp2Client.Value(response, "grpc-accept-encoding"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_CompressedWithoutEncoding_IsInternal()
    {
        await using var server = await TestServer.StartAsync();
        using var client = new RawHttp2Client(server.Address);
        var response = await client.PostAsync(UnaryPath, RawHttp2Client.Frame([1, 2], flag: 1)).DefaultTimeout();
        Assert.Equal($"{(int)StatusCode.Internal}", RawHttp2Client.Value(response, "grpc-status"));
    }

    private static byte[] Gzip(byte[] data)
    {
        using var buffer = new MemoryStream();
        using (var gzip = new GZipStream(buffer, CompressionLevel.Fastest))
        {
            gzip.Write(data);
        }

        return buffer.ToArray();
    }
}
