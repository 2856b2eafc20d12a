using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using MotionGateway.Testing;

namespace Grpc.Lite.Tests;

/// <summary>What a client makes of responses that no gRPC server would send.</summary>
public sealed class ResponseTests
{
    [Theory]
    [InlineData(400, StatusCode.Internal)]
    [InlineData(401, StatusCode.Unauthenticated)]
    [InlineData(403, StatusCode.PermissionDenied)]
    [InlineData(404, StatusCode.Unimplemented)]
    [InlineData(429, StatusCode.Unavailable)]
    [InlineData(502, StatusCode.Unavailable)]
    [InlineData(503, StatusCode.Unavailable)]
    [InlineData(504, StatusCode.Unavailable)]
    [InlineData(500, StatusCode.Unknown)]
    public async Task HttpStatus_NotOk_IsMapped(int httpStatus, StatusCode expected) => Assert.Equal(expected, await CallAsync(httpContext =>
    {
        httpContext.Response.StatusCode = httpStatus;
        return Task.CompletedTask;
    }));

    [Fact]
    public async Task ContentType_NotGrpc_IsAnError() => Assert.NotEqual(StatusCode.OK, await CallAsync(httpContext =>
    {
        httpContext.Response.ContentType = "text/html";
        return httpContext.Response.WriteAsync("<p>a proxy's page</p>");
    }));

    [Fact]
    public async Task Trailers_WithoutAStatus_AreAnError() =>
        Assert.NotEqual(StatusCode.OK, await CallAsync(httpContext => WriteAsync(httpContext, RawHttp2Client.Frame([1]), status: null)));

    [Theory]
    [InlineData(new byte[] { 0, 0 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 5, 1, 2 })]
    [InlineData(new byte[] { 2, 0, 0, 0, 1, 1 })]
    [InlineData(new byte[] { 1, 0, 0, 0, 1, 1 })]
    public async Task Message_BrokenFrame_IsInternal(byte[] body) =>
        Assert.Equal(StatusCode.Internal, await CallAsync(httpContext => WriteAsync(httpContext, body, status: "0")));

    [Fact]
    public async Task Message_DeserializerFails_IsInternal() => Assert.Equal(StatusCode.Internal, await CallAsync(
        httpContext => WriteAsync(httpContext, RawHttp2Client.Frame([1]), status: "0"), _ => throw new FormatException("garbage")));

    [Fact]
    public async Task Message_LengthBeyondLimit_IsResourceExhausted() => Assert.Equal(
        StatusCode.ResourceExhausted, await CallAsync(httpContext => WriteAsync(httpContext, RawHttp2Client.Frame([1], length: int.MaxValue), status: "0")));

    private static async Task WriteAsync(HttpContext httpContext, byte[] body, string? status)
    {
        httpContext.Response.ContentType = "application/grpc";
        await httpContext.Response.Body.WriteAsync(body);
        await httpContext.Response.Body.FlushAsync();
        if (status is not null)
        {
            httpContext.Response.AppendTrailer("grpc-status", status);
        }
    }

    private static async Task<StatusCode> CallAsync(RequestDelegate respond, Func<byte[], byte[]>? deserialize = null)
    {
        await using var server = await TestServer.StartAsync(map: app => app.MapPost("/test.Raw/Call", respond));
        var requests = Marshallers.Create(message => message, bytes => bytes);
        var responses = Marshallers.Create(message => message, deserialize ?? (bytes => bytes));
        var method = new Method<byte[], byte[]>(MethodType.ServerStreaming, "test.Raw", "Call", requests, responses);
        using var call = server.Channel.CreateCallInvoker().AsyncServerStreamingCall(method, null, default, []);
        try
        {
            while (await call.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout())
            {
            }

            return StatusCode.OK;
        }
        catch (RpcException exception)
        {
            Assert.Equal(exception.StatusCode, call.GetStatus().StatusCode);
            return exception.StatusCode;
        }
    }
}
